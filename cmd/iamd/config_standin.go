package main

import (
	"io"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"iamd/server"
)

// standInConfig is an API of Amazon's that is answered here.
type standInConfig struct {
	Name           string   `yaml:"name"`
	Authorization  string   `yaml:"authorization"`
	Documents      paths    `yaml:"documents"` // files and directories
	ResourcePolicy document `yaml:"resource_policy"`
}

// bindStandIn adds serve's flags of the stand-in.
func (f *flags) bindStandIn(set *pflag.FlagSet) {
	set.StringVar(&f.values.StandIn.Name, "stand-in", "",
		"API of Amazon's to answer for, by TLS under its own host names: sp-api (IAMD_STAND_IN_NAME)")
	set.StringVar(&f.values.TLSListen, "tls-listen", "",
		"address of all doors by TLS, under the host names of AWS too; empty: none, or 127.0.0.1:8443 with --stand-in (IAMD_TLS_LISTEN)")
}

// standIn hands the settings to the server.
func (c *config) standIn(out *server.Config) {
	out.TLSListen = c.TLSListen
	out.StandIn = server.StandIn{
		Name: c.StandIn.Name, Authorization: c.StandIn.Authorization, ResourcePolicy: string(c.StandIn.ResourcePolicy), Documents: c.StandIn.Documents,
	}
}

// greetTLS tells where TLS is spoken, and whom clients must trust for it.
func greetTLS(w io.Writer, at server.Addresses, dataDir string) {
	printf(w, "TLS       https://%s, trusted by %s\n", at.TLS.String(), server.AuthorityFile(dataDir))
}

// paths are one path or a list of them.
type paths []string

// UnmarshalYAML takes either form.
func (p *paths) UnmarshalYAML(text []byte) error {
	var one string
	if err := yaml.Unmarshal(text, &one); err == nil {
		*p = nil
		if one != "" {
			*p = paths{one}
		}
		return nil
	}
	return yaml.UnmarshalWithOptions(text, (*[]string)(p), yaml.Strict())
}
