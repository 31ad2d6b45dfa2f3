package server

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/google/uuid"

	"iamd/audit"
	"iamd/iam"
	"iamd/store"
)

// ResetRootPassword gives an account's root user a new password, shown this once:
// the operator's way back in. The root user's console sessions end. Its second
// factors stay.
func (s *Server) ResetRootPassword(ctx context.Context, account string) (*Credentials, error) {
	if len(account) != 12 || !digits(account) {
		return nil, iam.Errorf(iam.CodeInvalidInput, "An account number is 12 digits: %q is not.", account)
	}
	password := newPassword(s.cfg.Rand)
	hash := s.cfg.PasswordCost.Hash(s.cfg.Rand, password)
	c := &Credentials{AccountID: account, Password: password}
	err := s.accounts.Update(ctx, account, func(d *iam.Draft) error {
		if d.Root.Email == "" {
			return iam.Errorf(iam.CodeInvalidInput,
				"The root user of account %s has no e-mail address, and nobody signs in to the console without: its access key still works.", account)
		}
		if !d.Closed.IsZero() {
			return iam.Errorf(iam.CodeInvalidInput, "Account %s is closed: nobody signs in to it any more.", account)
		}
		c.AccountName, c.Email = d.Name, d.Root.Email
		d.SetRootPassword(hash)
		d.Emit(s.passwordReset(account).Stored())
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, &iam.Error{Code: iam.CodeNoSuchEntity, Message: "There is no account " + account + ".", Err: err}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// passwordReset is what an account's history tells of it: what CloudTrail has of a
// root user who got a new password by e-mail.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func (s *Server) passwordReset(account string) *audit.Event {
	id := func() string {
		u, err := uuid.NewRandomFromReader(s.cfg.Rand)
		if err != nil {
			panic("server: no randomness: " + err.Error())
		}
		return u.String()
	}
	return &audit.Event{
		EventVersion: "1.11",
		UserIdentity: audit.Identity{Type: "Root", PrincipalID: account, ARN: "arn:aws:iam::" + account + ":root", AccountID: account},
		EventTime:    s.cfg.Now().UTC(), EventSource: "signin.amazonaws.com", EventName: "PasswordRecoveryCompleted", AWSRegion: "us-east-1",
		// Nobody called: the operator of this machine did it.
		SourceIPAddress: "AWS Internal", UserAgent: "iamd account reset-password",
		ResponseElements: []byte(`{"PasswordRecoveryCompleted":"Success"}`),
		RequestID:        id(), EventID: id(), EventType: "AwsConsoleSignIn", ManagementEvent: true,
		RecipientAccountID: account, EventCategory: "Management",
	}
}

// passwordLetters leaves out those that are mistaken for others.
const passwordLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"

// newPassword makes a password of four groups of six, of some 140 bits, with
// capital and small letters, digits and hyphens in it.
func newPassword(rand io.Reader) string {
	for {
		var p strings.Builder
		for i := range 24 {
			if i > 0 && i%6 == 0 {
				p.WriteByte('-')
			}
			p.WriteByte(passwordLetter(rand))
		}
		if s := p.String(); strings.ContainsAny(s, "ABCDEFGHJKLMNPQRSTUVWXYZ") && strings.ContainsAny(s, "abcdefghijkmnopqrstuvwxyz") && strings.ContainsAny(s, "23456789") {
			return s
		}
	}
}

// passwordLetter draws one, each as likely as the others.
func passwordLetter(rand io.Reader) byte {
	const fair = 256 / len(passwordLetters) * len(passwordLetters)
	var b [1]byte
	for {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			panic("server: no randomness: " + err.Error())
		}
		if int(b[0]) < fair {
			return passwordLetters[int(b[0])%len(passwordLetters)]
		}
	}
}
