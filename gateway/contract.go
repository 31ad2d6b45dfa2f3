package gateway

import (
	"errors"
	"net/http"
	"strings"

	"iamd/lwa"
	"iamd/policy"
	"iamd/upstream"
)

// Ways to authorize. Two are API Gateway's; the others are what the Selling
// Partner API asked for until 2 October 2023, a signature and a Login with
// Amazon access token, and since, the token alone.
// https://developer-docs.amazon.com/sp-api/changelog/sp-api-will-no-longer-require-aws-iam-or-aws-signature-version-4
const (
	AuthorizationIAM    = "AWS_IAM"
	AuthorizationIAMLWA = "AWS_IAM+LWA"
	AuthorizationLWA    = "LWA"
	AuthorizationNone   = "NONE"
)

// signs tells whether an API wants requests signed.
func signs(authorization string) bool {
	return authorization == AuthorizationIAM || authorization == AuthorizationIAMLWA
}

// tokens tells whether an API wants an access token of Login with Amazon. Such
// an API is refused in the Selling Partner API's words.
func tokens(authorization string) bool {
	return authorization == AuthorizationIAMLWA || authorization == AuthorizationLWA
}

// headerToken carries the access token, in net/http's spelling.
const headerToken = "X-Amz-Access-Token"

// Headers of AWS's that may be there unsigned. The date is part of what is
// signed, listed or not; a session token opens for its own key id only, and gives
// the secret that the signature was made with; a declared hash is compared with
// the body. Clients of the Selling Partner API add these after they signed.
var loose = []string{"X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"}

// The access token has its own authority and is bound to who signs. Where nobody
// here reads it, it must be signed like all others.
var looseWithToken = append(loose[:len(loose):len(loose)], headerToken)

// application asks for whom a call is made.
func (g *Gateway) application(c *call, r *http.Request) (err error) {
	asked := lwa.Call{Method: r.Method, Path: c.target.path, Operation: c.operation.Name}
	switch values := r.Header[headerToken]; len(values) {
	case 0:
	case 1:
		asked.Token = values[0]
	default:
		return unadmitted(&lwa.Refused{Kind: lwa.BadToken, Err: errors.New("more than one access token")})
	}
	if signs(c.route.Authorization) {
		asked.Signer = &lwa.Signer{Account: c.caller.Account}
		// What an application registers is a user or a role. Others are somebody
		// else, though they may be called by a user's id: federated users are.
		if c.caller.Kind == policy.User || c.caller.Kind == policy.Role {
			asked.Signer.UniqueID = c.caller.UniqueID
		}
	}
	if c.admission, err = g.deps.Applications.Admit(r.Context(), asked); err != nil {
		c.admission = nil
		return unadmitted(err)
	}
	c.event.Application, c.event.SellingPartner = c.admission.ClientID, c.admission.SellingPartner
	return nil
}

// operate finds the operation that is asked for, among those of a backend.
func (c *call) operate(method string) {
	if b := c.route.Backend; b != nil {
		c.operation, c.known = b.Operation(method, c.target.raw)
		c.event.Operation = c.operation.Name
	}
}

// toldApplication adds the headers that say for whom a call is made.
func (c *call) toldApplication(fields []upstream.Field) []upstream.Field {
	if a := c.admission; a != nil {
		fields = append(fields, upstream.Field{Name: headerClient, Value: a.ClientID})
		if a.SellingPartner != "" {
			fields = append(fields, upstream.Field{Name: headerPartner, Value: a.SellingPartner})
		}
		if a.Scope != "" {
			fields = append(fields, upstream.Field{Name: headerScope, Value: a.Scope})
		}
		if len(a.DataElements) > 0 {
			fields = append(fields, upstream.Field{Name: headerElements, Value: strings.Join(a.DataElements, ",")})
		}
	}
	if c.operation.Name != "" {
		fields = append(fields, upstream.Field{Name: headerOperation, Value: c.operation.Name})
	}
	return fields
}
