package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

const readUsers = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}]}`

func asked(workflow string) DelegationRequest {
	return DelegationRequest{WorkflowID: workflow, Description: "reads", Channel: "topic", Template: "t", Policy: readUsers, Seconds: 3600}
}

// clocked is a draft whose time is the pointer's.
func clocked() (*Draft, *time.Time) {
	d := policyDraft()
	now := d.now()
	env := &Env{Now: func() time.Time { return now }, Rand: d.env.Rand, Quotas: d.env.Quotas}
	d.env = env
	return d, &now
}

func mustDelegation(t *testing.T, d *Draft, r DelegationRequest) *DelegationRequest {
	t.Helper()
	made, err := d.CreateDelegationRequest(r)
	must(t, err)
	return made
}

var (
	ann  = Identity{Kind: IdentityUser, ARN: "arn:aws:iam::123456789012:user/Ann", UniqueID: "AIDAANN"}
	bob  = Identity{Kind: IdentityRole, ARN: "arn:aws:sts::123456789012:assumed-role/Admin/Bob", UniqueID: "AROAADMIN", Session: "Bob"}
	root = Identity{Kind: IdentityRoot, ARN: "arn:aws:iam::123456789012:root"}
)

func stateOf(t *testing.T, d *Draft, id string) DelegationState {
	t.Helper()
	r, err := d.DelegationRequest(id)
	must(t, err)
	return r.StateAt(d.now())
}

// TestDelegationStates walks every way from every state.
func TestDelegationStates(t *testing.T) {
	steps := map[string]func(*Draft, *DelegationRequest) error{
		"associate": func(d *Draft, r *DelegationRequest) error { return d.AssociateDelegationRequest(r, ann) },
		"update":    func(d *Draft, r *DelegationRequest) error { return d.UpdateDelegationRequest(r.ID, "please") },
		"accept":    func(d *Draft, r *DelegationRequest) error { return d.AcceptDelegationRequest(r.ID, bob) },
		"reject":    func(d *Draft, r *DelegationRequest) error { return d.RejectDelegationRequest(r.ID, "too much") },
		"send":      func(d *Draft, r *DelegationRequest) error { return d.SendDelegationToken(r.ID, bob) },
	}
	ways := map[string]map[string]DelegationState{
		"":                             {"associate": DelegationAssigned},
		"associate":                    {"update": DelegationPendingApproval, "accept": DelegationAccepted, "reject": DelegationRejected},
		"associate update":             {"update": DelegationPendingApproval, "accept": DelegationAccepted, "reject": DelegationRejected},
		"associate accept":             {"reject": DelegationRejected, "send": DelegationFinalized},
		"associate update accept":      {"reject": DelegationRejected, "send": DelegationFinalized},
		"associate reject":             {},
		"associate accept send":        {"send": DelegationFinalized}, // not delivered yet
		"associate accept send arrive": {},
	}
	needs := map[string]string{
		"associate": "UNASSIGNED", "update": "ASSIGNED or PENDING_APPROVAL", "accept": "ASSIGNED or PENDING_APPROVAL",
		"reject": "ASSIGNED or PENDING_APPROVAL or ACCEPTED", "send": "ACCEPTED",
	}
	for path, open := range ways {
		for step, do := range steps {
			d, _ := clocked()
			r := mustDelegation(t, d, asked("workflow"))
			for _, before := range strings.Fields(path) {
				now, err := d.DelegationRequest(r.ID)
				must(t, err)
				if before == "arrive" {
					must(t, d.DelegationTokenDelivered(r.ID))
					continue
				}
				must(t, steps[before](d, now))
			}
			was, err := d.DelegationRequest(r.ID)
			must(t, err)
			err = do(d, was)
			if to, ok := open[step]; ok {
				must(t, err)
				if got := stateOf(t, d, r.ID); got != to {
					t.Errorf("%s, then %s: %s, want %s", path, step, got, to)
				}
				continue
			}
			if path == "" {
				refused(t, err, CodeNoSuchEntity, "Delegation request "+r.ID+" cannot be found.")
				continue
			}
			refused(t, err, CodeInvalidInput, fmt.Sprintf("Delegation request %s is in the state %s; it must be in the state %s.", r.ID, was.State, needs[step]))
		}
	}
}

// TestDelegationExpires: each state has its time, and nothing is possible after.
func TestDelegationExpires(t *testing.T) {
	for _, c := range []struct {
		steps int
		lasts time.Duration
	}{{0, 24 * time.Hour}, {1, 7 * 24 * time.Hour}, {2, 7 * 24 * time.Hour}, {3, 7 * 24 * time.Hour}, {4, 7 * 24 * time.Hour}} {
		d, now := clocked()
		r := mustDelegation(t, d, asked("workflow"))
		for i := range c.steps {
			*now = now.Add(time.Hour)
			must(t, []func() error{
				func() error { return d.AssociateDelegationRequest(r, ann) },
				func() error { return d.UpdateDelegationRequest(r.ID, "n") },
				func() error { return d.AcceptDelegationRequest(r.ID, bob) },
				func() error { return d.SendDelegationToken(r.ID, bob) },
			}[i]())
		}
		*now = now.Add(c.lasts - time.Second)
		if got := stateOf(t, d, r.ID); got == DelegationExpired {
			t.Errorf("%d: expired a second early", c.steps)
		}
		*now = now.Add(time.Second)
		if got := stateOf(t, d, r.ID); got != DelegationExpired {
			t.Errorf("%d: still %s", c.steps, got)
		}
		if c.steps == 0 {
			refused(t, d.AssociateDelegationRequest(r, ann), CodeInvalidInput, "Delegation request "+r.ID+" is in the state EXPIRED; it must be in the state UNASSIGNED.")
		} else {
			refused(t, d.AcceptDelegationRequest(r.ID, bob), CodeInvalidInput, "Delegation request "+r.ID+" is in the state EXPIRED; it must be in the state ASSIGNED or PENDING_APPROVAL.")
		}
	}
}

func TestDelegationRules(t *testing.T) {
	d, now := clocked()
	long := asked("workflow-1")
	long.Seconds, long.OnlySendByOwner = RootDelegationSeconds+1, true
	r := mustDelegation(t, d, long)
	if r.Requestor != d.ID || r.State != DelegationUnassigned || len(r.ID) != 36 {
		t.Errorf("made %+v", r)
	}
	_, err := d.CreateDelegationRequest(asked("workflow-1"))
	refused(t, err, CodeEntityAlreadyExists, "Delegation request with RequestorWorkflowId workflow-1 already exists.")
	bad := asked("workflow-2")
	bad.Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"nothing","Resource":"*"}]}`
	_, err = d.CreateDelegationRequest(bad)
	refused(t, err, CodeInvalidInput, "The policy that the template becomes is not valid: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	bad.Policy = strings.Replace(readUsers, `"*"`, `["*"`+strings.Repeat(" ", 2048)+`]`, 1)
	_, err = d.CreateDelegationRequest(bad)
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for DelegatedPolicySize: 2048")
	bad.Policy = ""
	_, err = d.CreateDelegationRequest(bad)
	refused(t, err, CodeInvalidInput, "Failed to render template: No statement of the template is left.")

	must(t, d.AssociateDelegationRequest(r, ann))
	refused(t, d.AcceptDelegationRequest(r.ID, root), CodeInvalidInput,
		"The root user can approve delegation requests of 14400 seconds or less only; this one asks for 14401.")
	must(t, d.AcceptDelegationRequest(r.ID, bob))
	refused(t, d.SendDelegationToken(r.ID, bob), CodeAccessDenied, "The token of delegation request "+r.ID+" can be sent by its owner only.")
	*now = now.Add(time.Hour)
	must(t, d.SendDelegationToken(r.ID, Identity{Kind: IdentityUser, ARN: "renamed", UniqueID: ann.UniqueID}))
	sent, err := d.OwnedDelegationRequest(r.ID)
	must(t, err)
	if !sent.SessionEnds().Equal(now.Add(14401 * time.Second)) {
		t.Errorf("ends %s", sent.SessionEnds())
	}
	*now = sent.SessionEnds().Add(-time.Second)
	if !sent.Delegates(*now) {
		t.Error("ended early")
	}
	if *now = sent.SessionEnds(); sent.Delegates(*now) {
		t.Error("goes on")
	}
	refused(t, d.SendDelegationToken(r.ID, ann), CodeInvalidInput, "Delegation request "+r.ID+" is in the state FINALIZED; it must be in the state ACCEPTED.")

	// Of another account's.
	foreign := asked("workflow-3")
	foreign.OwnerAccount = "999999999999"
	f := mustDelegation(t, d, foreign)
	refused(t, d.AssociateDelegationRequest(f, ann), CodeNoSuchEntity, "Delegation request "+f.ID+" cannot be found.")
	for _, err := range []error{
		d.UpdateDelegationRequest("none", ""), d.AcceptDelegationRequest("none", ann), d.RejectDelegationRequest("none", ""),
		d.SendDelegationToken("none", ann), d.DelegationTokenDelivered("none"),
	} {
		refused(t, err, CodeNoSuchEntity, "Delegation request none cannot be found.")
	}
	if bob.Is(Identity{Kind: IdentityRole, UniqueID: bob.UniqueID, Session: "Eve"}) || (Identity{}).Is(Identity{}) || ann.Is(root) {
		t.Error("others are taken for one")
	}
}

// TestDelegationRows: what is stored is what is loaded, and names are taken and
// freed with what they name.
func TestDelegationRows(t *testing.T) {
	d, now := clocked()
	r := mustDelegation(t, d, asked("workflow"))
	must(t, d.AssociateDelegationRequest(r, bob))
	want, err := d.DelegationRequest(r.ID)
	must(t, err)
	_, c := d.Seal()
	taken := []store.Unique{{Space: spaceDelegationRequest, Key: r.ID}, {Space: spaceDelegationOwner, Key: r.ID}}
	if diff := cmp.Diff(taken, c.Take[len(c.Take)-2:]); diff != "" {
		t.Error(diff)
	}
	loaded, err := Load(d.env, d.ID, c.Rows)
	must(t, err)
	got, err := loaded.OwnedDelegationRequest(r.ID)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	*now = now.Add(waitingFor + delegationKept + time.Second)
	next := loaded.Draft()
	mustDelegation(t, next, asked("workflow"))
	if _, err := next.DelegationRequest(r.ID); err == nil {
		t.Error("an old request is not forgotten")
	}
	_, c = next.Seal()
	if diff := cmp.Diff(taken, c.Free); diff != "" {
		t.Error(diff)
	}
}

func TestDelegationQuota(t *testing.T) {
	d, _ := clocked()
	quotas := d.env.Quotas
	quotas.Delegations = 3
	d.env = &Env{Now: d.env.Now, Rand: d.env.Rand, Quotas: quotas}
	for i := range 3 {
		r := asked(fmt.Sprintf("workflow-%d", i))
		r.ID, r.Requestor, r.State, r.Updated = fmt.Sprintf("id-%d", i), "999999999999", DelegationAssigned, d.now()
		d.putDelegation(&r)
	}
	_, err := d.CreateDelegationRequest(asked("workflow"))
	refused(t, err, CodeLimitExceeded, "Cannot exceed quota for DelegationRequestsPerAccount: 3")
	elsewhere := asked("elsewhere")
	elsewhere.ID, elsewhere.State, elsewhere.Updated = "elsewhere", DelegationUnassigned, d.now()
	refused(t, d.AssociateDelegationRequest(&elsewhere, ann), CodeLimitExceeded, "Cannot exceed quota for DelegationRequestsPerAccount: 3")
}

func TestDelegationSummary(t *testing.T) {
	d, _ := clocked()
	r := asked("workflow")
	r.RequestorName = "Example Corp"
	r.Policy = `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":["iam:CreateRole","iam:AttachRolePolicy"],"Resource":"arn:aws:iam::*:role/X","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/B"}}},` +
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::a","arn:aws:s3:::b"]}]}`
	made := mustDelegation(t, d, r)
	want := "Example Corp (account 123456789012) asks for access for 1h0m0s.\n" +
		"It may call iam:CreateRole, iam:AttachRolePolicy on arn:aws:iam::*:role/X, if iam:PermissionsBoundary fits arn:aws:iam::aws:policy/B (StringEquals).\n" +
		"It may call every action but iam:* on every resource.\n" +
		"It may never call s3:* on every resource but arn:aws:s3:::a, arn:aws:s3:::b.\n" +
		"Roles that it makes must have as their permissions boundary: arn:aws:iam::aws:policy/B.\n"
	if diff := cmp.Diff(want, made.Summary()); diff != "" {
		t.Error(diff)
	}
}

// TestDelegationSummaryTellsOneStory: a requestor's values add no sentence to the
// summary that approvers read.
func TestDelegationSummaryTellsOneStory(t *testing.T) {
	d, _ := clocked()
	r := asked("workflow")
	r.Policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/x. It may never call every action on *",` +
		`"Condition":{"StringEquals":{"aws:RequestedRegion":["a","b and aws:SourceIp fits 10.0.0.0/8"]}}}}`
	want := "account 123456789012 asks for access for 1h0m0s.\n" +
		`It may call iam:GetUser on "arn:aws:iam::*:user/x. It may never call every action on *", if aws:RequestedRegion fits a or "b and aws:SourceIp fits 10.0.0.0/8" (StringEquals).` + "\n"
	if diff := cmp.Diff(want, mustDelegation(t, d, r).Summary()); diff != "" {
		t.Error(diff)
	}
}
