package iam

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestServiceCredentials(t *testing.T) {
	d := policyDraft()
	clock := turn(d)
	mustUser(t, d, "Bob")
	mustUser(t, d, "Al")
	bob := func() *User { return userNow(t, d, "Bob") }
	git, password, err := d.CreateServiceCredential("bob", "CodeCommit.amazonaws.com", 0)
	must(t, err)
	if len(git.ID) != 21 || !strings.HasPrefix(git.ID, "ACCA") || git.Login != "Bob-at-123456789012" || git.Service != "codecommit.amazonaws.com" ||
		git.APIKey() || git.StatusAt(clock.AddDate(200, 0, 0)) != Active || len(password) != 60 || !git.Matches(password) {
		t.Errorf("made %+v with %q", git, password)
	}
	if row, err := json.Marshal(bob()); err != nil || strings.Contains(string(row), password) {
		t.Errorf("the row has the password: %s, %v", row, err)
	}
	second, _, err := d.CreateServiceCredential("Bob", "codecommit.amazonaws.com", 0)
	must(t, err)
	if second.Login != "Bob+1-at-123456789012" {
		t.Errorf("the second logs in as %s", second.Login)
	}
	_, _, err = d.CreateServiceCredential("Bob", "codecommit.amazonaws.com", 0)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")

	key, secret, err := d.CreateServiceCredential("Bob", "bedrock.amazonaws.com", 30)
	must(t, err)
	inside, ok := strings.CutPrefix(secret, "ABSK")
	text, err := base64.StdEncoding.DecodeString(inside)
	if !ok || err != nil || !strings.HasPrefix(string(text), "Bob-at-123456789012:") || !key.APIKey() || !key.Matches(secret) {
		t.Errorf("made %+v with %q", key, secret)
	}
	if !key.Expiration.Equal(clock.AddDate(0, 0, 30)) {
		t.Errorf("expires %s", key.Expiration)
	}
	if key.StatusAt(key.Expiration.Add(-time.Second)) != Active || key.StatusAt(key.Expiration) != Expired {
		t.Error("does not expire when it expires")
	}

	_, _, err = d.CreateServiceCredential("Eve", "x.amazonaws.com", 0)
	refused(t, err, CodeNoSuchEntity, "The user with name Eve cannot be found.")
	_, _, err = d.CreateServiceCredential("Bob", "x.amazonaws.com", 0)
	refused(t, err, CodeNoSuchEntity, "No such service x.amazonaws.com is supported for Service Specific Credentials")

	must(t, d.UpdateServiceCredential(bob(), key.ID, Inactive))
	renewed, other, err := d.ResetServiceCredential(bob(), key.ID)
	must(t, err)
	if renewed.Status != Inactive || !renewed.Expiration.Equal(key.Expiration) || renewed.Login != key.Login || renewed.Matches(secret) || !renewed.Matches(other) {
		t.Errorf("reset made %+v with %q", renewed, other)
	}
	refused(t, d.UpdateServiceCredential(bob(), key.ID, Expired), CodeInvalidInput, "The status of a service specific credential can be set to Active or Inactive only.")

	al := userNow(t, d, "Al")
	theirs := "The service specific credential " + key.ID + " does not belong to the user Al."
	refused(t, d.UpdateServiceCredential(al, key.ID, Active), CodeValidation, theirs)
	refused(t, d.DeleteServiceCredential(al, key.ID), CodeValidation, theirs)
	_, _, err = d.ResetServiceCredential(al, key.ID)
	refused(t, err, CodeValidation, theirs)

	// The name to log in with stays with a credential, whoever has the user's.
	must(t, d.UpdateUser("Bob", "Robert", ""))
	mustUser(t, d, "Bob")
	fresh, _, err := d.CreateServiceCredential("Bob", "bedrock.amazonaws.com", 0)
	must(t, err)
	if fresh.Login != "Bob+1-at-123456789012" {
		t.Errorf("the new Bob logs in as %s", fresh.Login)
	}
	robert := userNow(t, d, "Robert")
	if c, err := d.ServiceCredential(robert, key.ID); err != nil || c.Login != "Bob-at-123456789012" {
		t.Errorf("Robert's is %+v, %v", c, err)
	}
	refused(t, d.DeleteUser("Robert"), CodeDeleteConflict, "Cannot delete entity, must remove referenced objects first.")
	for _, c := range robert.CredentialsFor("") {
		must(t, d.DeleteServiceCredential(userNow(t, d, "Robert"), c.ID))
	}
	none := "No such credential " + key.ID + " exists"
	refused(t, d.DeleteServiceCredential(al, key.ID), CodeNoSuchEntity, none)
	must(t, d.DeleteUser("Robert"))
}

func TestServiceCredentialsOfAllUsers(t *testing.T) {
	d := policyDraft()
	for _, name := range []string{"Cy", "al", "Bob"} {
		mustUser(t, d, name)
		for _, service := range []string{"cassandra.amazonaws.com", "logs.amazonaws.com"} {
			_, _, err := d.CreateServiceCredential(name, service, 0)
			must(t, err)
		}
	}
	walk := func(after string, n int) (names []string, last string) {
		for key, o := range d.ServiceCredentialsAfter(after) {
			if len(names) == n {
				break
			}
			names, last = append(names, o.User.Name), key
		}
		return names, last
	}
	first, last := walk("", 3)
	must(t, d.UpdateUser("al", "Zed", ""))
	rest, _ := walk(last, 10)
	if got := strings.Join(append(first, rest...), " "); got != "al al Bob Bob Cy Cy Zed Zed" {
		t.Errorf("walked %s", got)
	}
	_, last = walk("", 1)
	bob := userNow(t, d, "Bob")
	must(t, d.DeleteServiceCredential(bob, bob.CredentialsFor("")[0].ID)) // the one that the marker names
	if rest, _ = walk(last, 10); strings.Join(rest, " ") != "Bob Cy Cy Zed Zed" {
		t.Errorf("then walked %s", rest)
	}
}
