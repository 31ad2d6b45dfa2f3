package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"iamd/audit"
	"iamd/extauthz/authzen"
	"iamd/guard"
	"iamd/keyring"
)

// authzenDoor makes the door for programs that ask, with the parts that the AWS
// APIs have.
func (s *Server) authzenDoor(gate *guard.Guard, ring *keyring.Ring, from *origin) http.Handler {
	all := func(guard.Source) bool { return true }
	return authzen.New(authzen.Deps{
		Guard: gate, Account: s.accounts.View, Origin: from.of,
		Simulate: func(sim *guard.Simulation, account string) error { return sim.In(gate, account, all) },
		Gateway: func() authzen.Gateway {
			if s.guarded == nil {
				return nil // and no nil pointer in an interface
			}
			return s.guarded
		},
		Seal: func(account string, plain []byte) []byte {
			return ring.Seal(keyring.PageToken, plain, []byte(account))
		},
		Unseal: func(account string, sealed []byte) ([]byte, error) {
			return ring.Open(keyring.PageToken, sealed, []byte(account))
		},
		PublicURL: func() string { return *s.publicURL.Load() },
		Record:    s.asked, Now: s.cfg.Now, Log: s.cfg.Log,
	})
}

// asked notes a request of a program that asked: for last-used data, and as an
// event when it was about principals, as the simulator's, or was refused. Requests
// that others hold are the gateway's to note.
func (s *Server) asked(ctx context.Context, e authzen.Event) {
	code := ""
	if e.Status != http.StatusOK {
		code = strconv.Itoa(e.Status)
	}
	if e.Operation != "" {
		s.observe(ctx, "authzen:"+e.Operation, code, e.Caller, e.Duration)
	}
	if e.Caller == nil {
		return // strangers are counted, and fill no store
	}
	for _, action := range e.Actions {
		s.audit.Attempted(context.Background(), e.Caller.Attempt(action))
	}
	if t := e.Trace; t != nil {
		s.audit.Keep(t.Holder(), e.RequestID, e.Time, t.Pack)
	}
	if e.Status == http.StatusOK && len(e.About) == 0 {
		return
	}
	about, err := json.Marshal(map[string][]string{"principals": e.About})
	if err != nil {
		panic("server: " + err.Error()) // texts always marshal
	}
	s.audit.Record(&audit.Event{
		EventVersion: "1.11", UserIdentity: e.Caller.Identity(), EventTime: e.Time.UTC(),
		EventSource: authzenSource, EventName: e.Operation, AWSRegion: e.Caller.Region,
		SourceIPAddress: e.Caller.SourceIP, UserAgent: e.Caller.UserAgent,
		ErrorCode: code, ErrorMessage: clip(e.Message), RequestParameters: about,
		RequestID: e.RequestID, EventID: e.RequestID, ReadOnly: true, EventType: "AwsApiCall",
		ManagementEvent: true, EventCategory: "Management", RecipientAccountID: e.Caller.Account,
	})
}

// authzenSource is the service in events of a door that AWS does not have.
const authzenSource = "authzen.iamd"
