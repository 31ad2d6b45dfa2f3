package console

import (
	"iamd/guard"
	"iamd/iam"
)

// nothing is the body of requests that say nothing.
type nothing struct{}

// renewed are new keys of the same sign-in.
type renewed struct {
	Credentials credentials `json:"credentials"`
	Ends        string      `json:"ends"`
}

// renewRow gives new keys to who signed in. Whoever may not go on any more was not
// authenticated. AWS's console renews in a way of its own, so the event's name is
// ours.
func renewRow() row {
	return signed[nothing]{
		path: "renew", source: signInSource, event: "RenewConsoleSession", action: "signin:RenewConsoleSession",
		run: func(c *Console, k *call, _ *nothing) (any, error) {
			if !k.Caller.FromConsole() {
				return nil, notConsole(k.Caller)
			}
			session := k.Caller.Session.Renewed(k.Time)
			given, err := c.cfg.STS.Issue(session, 0)
			if err != nil {
				return nil, err
			}
			return &renewed{show(given), stamp(session.Ends())}, nil
		},
	}.row()
}

// notConsole refuses what only a sign-in to the console may do.
func notConsole(by *guard.Caller) error {
	return iam.Errorf(iam.CodeAccessDenied, "User: %s did not sign in to the console, and only console sessions may do this", by.ARN)
}
