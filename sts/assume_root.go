package sts

import (
	"time"
)

// rootTaskSeconds is how long a session of a member's root user lasts unless less
// is asked for; more is refused before.
const rootTaskSeconds = 900

// AssumeRoot is a request for credentials of a member account's root user that the
// guard admitted.
type AssumeRoot struct {
	Account string // whose root user
	By      string // the account of who asks
	Task    string // ARN of the task policy
	Seconds *int32 // nil: fifteen minutes
	From    *Session
}

// Session says what the credentials will be. Of the caller's own session only the
// source identity goes on.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
func (r AssumeRoot) Session(now time.Time) Session {
	now = now.UTC().Truncate(time.Second)
	seconds := int32(rootTaskSeconds)
	if r.Seconds != nil {
		seconds = min(*r.Seconds, rootTaskSeconds)
	}
	s := Session{
		Kind: AssumedRoot, Account: r.Account, PolicyARNs: []string{r.Task}, Delegate: r.By,
		Issued: now, Expires: now.Add(time.Duration(seconds) * time.Second),
	}
	if r.From != nil {
		s.SourceIdentity = r.From.SourceIdentity
	}
	return s
}
