package org

import (
	"iter"
	"slices"
	"strings"
	"time"

	"iamd/iam"
)

// Creation is how the making of an account went. It is decided when it is asked
// for: there is nothing to wait for.
type Creation struct {
	ID        string    `json:"id"` // car-…
	Name      string    `json:"name"`
	State     string    `json:"state"` // SUCCEEDED, FAILED
	Requested time.Time `json:"requested"`
	Completed time.Time `json:"completed,omitzero"`
	AccountID string    `json:"account,omitempty"`
	// GovCloudAccountID is that of the paired account, of CreateGovCloudAccount.
	GovCloudAccountID string `json:"govCloudAccount,omitempty"`
	Failure           string `json:"failure,omitempty"` // EMAIL_ALREADY_EXISTS, …
}

// States of a creation.
const (
	CreationSucceeded = "SUCCEEDED"
	CreationFailed    = "FAILED"
)

// Why an account was not made.
const (
	EmailExists  = "EMAIL_ALREADY_EXISTS"
	InvalidEmail = "INVALID_EMAIL"
)

// Creations are kept for 90 days, and a thousand of them at most: the oldest
// makes room.
const (
	creationsKept = 90 * 24 * time.Hour
	maxCreations  = 1000
)

// AccessRole is the role that an account is made with when nothing else is said.
const AccessRole = "OrganizationAccountAccessRole"

// NewAccount is what a member is made of.
type NewAccount struct {
	ID, Name, Email string
	Tags            []iam.Tag
}

// CreateAccount makes a member; whoever asked hears of it by the Creation. The
// account's own draft must BeginMember and Join.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
func (d *Draft) CreateAccount(in NewAccount) (*Creation, error) {
	if !d.room() {
		return nil, refuse(CodeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", tooManyAccounts)
	}
	tags, err := d.tagged(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	d.join(Account{ID: in.ID, Name: in.Name, Email: in.Email, Method: JoinedCreated, Tags: tags})
	return d.created(&Creation{Name: in.Name, State: CreationSucceeded, AccountID: in.ID}), nil
}

// FailCreation notes that an account was not made, and why. What is wrong with
// the request itself is refused first.
func (d *Draft) FailCreation(in NewAccount, why string) (*Creation, error) {
	if !d.room() {
		return nil, refuse(CodeConstraint, "ACCOUNT_NUMBER_LIMIT_EXCEEDED", tooManyAccounts)
	}
	if _, err := d.tagged(nil, in.Tags); err != nil {
		return nil, err
	}
	return d.created(&Creation{Name: in.Name, State: CreationFailed, Failure: why}), nil
}

func (d *Draft) created(c *Creation) *Creation {
	d.forgetCreations()
	c.ID, c.Requested, c.Completed = d.newCreationID(), d.now(), d.now()
	d.putCreation(c)
	return c
}

func (d *Draft) forgetCreations() {
	old, before := []string{}, d.since(creationsKept)
	var oldest *Creation
	for id, c := range after(d.creations, "") {
		if c.Requested.Before(before) {
			old = append(old, id)
		} else if oldest == nil || c.Requested.Before(oldest.Requested) {
			oldest = c
		}
	}
	if d.creations.Len()-len(old) >= maxCreations {
		old = append(old, oldest.ID)
	}
	for _, id := range old {
		d.dropCreation(id)
	}
}

func (d *Draft) dropCreation(id string) {
	d.creations.Delete(id)
	d.note(rowCreation, id, nil)
}

// Creation finds how the making of an account went.
func (o *Organization) Creation(id string) (*Creation, error) {
	if c, ok := o.creations.Get(id); ok {
		return c, nil
	}
	return nil, iam.Errorf("CreateAccountStatusNotFoundException", "You specified a create account status request that doesn't exist.")
}

// CreationsAfter walks the creations by id.
func (o *Organization) CreationsAfter(id string) iter.Seq2[string, *Creation] {
	return after(o.creations, id)
}

// CheckRoleName refuses a name that the role of a new account can't have: names of
// roles are one whatever their case.
func CheckRoleName(name string) error {
	const reserved = "AWSServiceRoleFor"
	if len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved) {
		return refuse(CodeInvalidInput, "INVALID_ROLE_NAME", "You provided a role name that isn't valid. A role name can't begin with the reserved prefix AWSServiceRoleFor.")
	}
	return nil
}

// ValidEmail tells whether an account may have the address.
func ValidEmail(email string) bool {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || len(email) < 6 || len(email) > 64 || local == "" || local[0] == '.' || strings.ContainsAny(local, " \t\r\n\"'()<>[]:;,\\|%&") {
		return false
	}
	if slices.ContainsFunc([]byte(email), func(c byte) bool { return c < ' ' || c > '~' }) {
		return false
	}
	for _, c := range []byte(domain) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return strings.Contains(domain, ".") && strings.Trim(domain, "-.") == domain
}

// NoGovCloud is the refusal of an account in AWS GovCloud (US). It is another
// partition, with accounts and ARNs of its own; iamd keeps accounts of the
// commercial one alone, so that none has a counterpart there.
func NoGovCloud() error {
	return refuse(CodeConstraint, "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED", "To complete this operation, the management account must have an associated account in the AWS GovCloud (US-West) Region.")
}
