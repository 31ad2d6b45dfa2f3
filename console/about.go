package console

import "net/http"

// about is what the sign-in page must know before anybody has signed in.
type about struct {
	Version    string `json:"version"`
	SignUp     bool   `json:"signUp"`
	PublicURL  string `json:"publicUrl"`
	GatewayURL string `json:"gatewayUrl"` // empty when no APIs are guarded
	Passkeys   bool   `json:"passkeys"`   // they work at the address that the page is at
}

func (c *Console) about(k *call, w http.ResponseWriter) error {
	return encode(w, about{
		Version: c.cfg.Version, SignUp: c.cfg.SignUp != nil, PublicURL: c.cfg.PublicURL(), GatewayURL: c.cfg.GatewayURL(),
		Passkeys: c.passkeysWork(k.Request),
	})
}
