package server

import (
	"context"

	"iamd/console"
	"iamd/gateway"
	"iamd/guard"
	"iamd/iam"
	"iamd/keyring"
	"iamd/limits"
	"iamd/sts"
	"iamd/web"
)

// Console says how the console is served.
type Console struct {
	// SignUp lets everybody make an account who reaches the console.
	SignUp bool
	// Version is what the console tells of this program.
	Version string
}

// consoleDoor makes the console, with the parts that the AWS APIs have.
func (s *Server) consoleDoor(gate *guard.Guard, tokens *sts.Service, ring *keyring.Ring, from *origin, guesses *limits.Tries, hashing *limits.Turns) *console.Console {
	cfg := console.Config{
		Guard: gate, STS: tokens, Accounts: s.accounts, Audit: s.audit, Ring: ring, Origin: from.of,
		Guesses: guesses, Hashing: hashing, PasswordCost: s.cfg.PasswordCost, PublicURL: func() string { return *s.publicURL.Load() }, GatewayURL: s.gatewayURL,
		Applications: func() []console.Application { return s.applications },
		Version:      s.cfg.Console.Version, Pages: web.New(web.Config{Secure: from.secure, Log: s.cfg.Log}),
		Observe: s.observe, Now: s.cfg.Now, Rand: s.cfg.Rand, Log: s.cfg.Log,
	}
	if s.cfg.Console.SignUp {
		cfg.SignUp = s.signUp
	}
	return console.New(cfg)
}

// signUp makes an account whose root user has a password and no access key, and
// gives its number. That the e-mail address is the person's own is not proved:
// invitations that wait for it go on waiting.
func (s *Server) signUp(ctx context.Context, name, email, passwordHash string) (account string, err error) {
	root := Root{AccountName: name, Email: email}
	if err := checkRoot(root); err != nil {
		return "", err
	}
	account, err = s.beginAccount(ctx, root, func(d *iam.Draft) {
		d.BeginMember(name, email)
		d.SetRootPassword(passwordHash)
	})
	if err == nil {
		s.deliver(ctx, account, "")
	}
	return account, err
}

// gatewayURL is where the guarded APIs are; empty when there are none.
func (s *Server) gatewayURL() string {
	if at := s.gatewayAt.Load(); at != nil {
		return *at
	}
	return ""
}

// applications are APIs as the console tells of them.
func applications(apis []gateway.API) []console.Application {
	list := make([]console.Application, len(apis))
	for i, a := range apis {
		list[i] = console.Application{
			ID: a.ID, Stage: a.Stage, Account: a.Account, Region: a.Region, Hosts: append([]string{}, a.Hosts...), PathPrefix: a.PathPrefix,
			ARN:           "arn:aws:execute-api:" + a.Region + ":" + a.Account + ":" + a.ID + "/" + a.Stage + "/*/*",
			Authorization: a.Authorization, ResourcePolicy: a.ResourcePolicy, Upstream: a.Upstream,
		}
	}
	return list
}
