package iam

import (
	"strings"
	"testing"
	"time"
)

// imported fills a new account.
func imported(t *testing.T, in *Import) (*Draft, *Imported) {
	t.Helper()
	d := policyDraft()
	in.Name = "x"
	out, err := d.Import(in)
	must(t, err)
	return d, out
}

const bobID = "AIDAAAAAAAAAAAAAAAAA1"

func passkeyOf(owner string) *MFADevice {
	return &MFADevice{
		Name: "key-ABCDEFGHIJKLMNOPQRSTUVWXYZ", Path: "/user/Bob/", Owner: owner,
		Passkey: &Passkey{ID: []byte{1}, PublicKey: []byte{2}, RelyingParty: "localhost"},
	}
}

// TestImportPasskey: passkeys have no secret and come along; an owner they must
// have.
func TestImportPasskey(t *testing.T) {
	bob := &User{ID: bobID, Name: "Bob"}
	d, out := imported(t, &Import{Users: []*User{bob}, Devices: []*MFADevice{passkeyOf(bobID)}})
	if !d.HasMFA(userNow(t, d, "Bob")) || len(d.Passkeys(userNow(t, d, "Bob"), "localhost")) != 1 {
		t.Error("Bob has no passkey")
	}
	if out.KeyID == "" || len(out.Notes) != 0 {
		t.Errorf("made %+v", out)
	}
	_, err := policyDraft().Import(&Import{Name: "x", Users: []*User{bob}, Devices: []*MFADevice{passkeyOf("")}})
	refused(t, err, CodeValidation, "MFA device /user/Bob/key-ABCDEFGHIJKLMNOPQRSTUVWXYZ: it is not a passkey as iamd keeps them.")
}

// TestImportBeyondQuotas: what is beyond a quota comes, and is told.
func TestImportBeyondQuotas(t *testing.T) {
	d := policyDraft()
	d.env.Quotas.Users = 1
	out, err := d.Import(&Import{Name: "x", Users: []*User{{ID: bobID, Name: "Bob"}, {ID: "AIDAAAAAAAAAAAAAAAAA2", Name: "Al"}}})
	must(t, err)
	if len(out.Notes) != 1 || !strings.Contains(out.Notes[0].Why, "UsersPerAccount") || d.UserCount() != 2 {
		t.Errorf("told %+v", out.Notes)
	}
	_, err = d.CreateUser(NewUser{Name: "Cy"})
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for UsersPerAccount: 1")
}

// TestImportTrust: the file's word counts for accounts that are not here, their own
// word for those that are.
func TestImportTrust(t *testing.T) {
	const here, away = "arn:aws:iam::999999999999:user/u", "arn:aws:iam::888888888888:user/u"
	d := policyDraft()
	d.env.Principal = func(arn string) (string, bool, bool) { return "AIDAREALREALREALREAL1", arn == here, arn == here }
	text := trusting(`["` + here + `","` + away + `"]`)
	const said = "AIDASAIDSAIDSAIDSAID1"
	_, err := d.Import(&Import{Name: "x", CreateDate: time.Unix(0, 0), Roles: []*Role{{
		ID: "AROAAAAAAAAAAAAAAAAA1", Name: "R", Trust: NewDocument(text, map[string]string{here: said, away: said}),
	}}})
	must(t, err)
	r, err := d.Role("R")
	must(t, err)
	if got := r.Trust.Bound(); got[here] != "AIDAREALREALREALREAL1" || got[away] != said {
		t.Errorf("bound to %v", got)
	}
}
