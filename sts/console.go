package sts

import "time"

// How long a sign-in to the console lasts, and each of the keys that it gives. AWS's
// own console ends a sign-in after twelve hours.
// https://docs.aws.amazon.com/signin/latest/userguide/troubleshooting-sign-in-issues.html
const (
	ConsoleSession = 12 * time.Hour
	consoleKey     = time.Hour
)

// SignIn is a person who has signed in to the console.
type SignIn struct {
	Account string
	UserID  string // unique id of the user; empty for the root user
	// Login is the generation of the password that was right, MFA whether a second
	// factor was proved too.
	Login string
	MFA   bool
}

// Session says what the credentials will be. They count as issued at the sign-in
// for as long as they are renewed, so that what ends older sessions ends these.
func (s SignIn) Session(now time.Time) Session {
	now = now.UTC().Truncate(time.Second)
	out := Session{
		Kind: Console, Account: s.Account, UniqueID: s.UserID, Login: s.Login, Issued: now, Expires: now.Add(consoleKey),
	}
	if s.MFA {
		out.MFA = now
	}
	return out
}

// Renewed is a console session with keys of its own from now on. It ends when
// ConsoleSession is over since the sign-in.
func (s *Session) Renewed(now time.Time) Session {
	next := *s
	next.Expires = now.UTC().Truncate(time.Second).Add(consoleKey)
	if ends := s.Ends(); next.Expires.After(ends) {
		next.Expires = ends
	}
	return next
}

// Ends is when a console session can be renewed no more.
func (s *Session) Ends() time.Time { return s.Issued.Add(ConsoleSession) }
