package org

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"iamd/store"
)

// governed is an organization with a type enabled, and a member in a unit.
type governed struct {
	*Draft
	t            testing.TB
	kind         PolicyType
	unit, member string
	clock        *time.Time
	policies     int
}

func newGoverned(t testing.TB, kind PolicyType) *governed {
	t.Helper()
	d, clock := newDraft(t, DefaultQuotas())
	must(t, d.EnablePolicyType(d.Root.ID, kind))
	u, err := d.CreateUnit(d.Root.ID, "U", nil)
	must(t, err)
	g := &governed{Draft: d, t: t, kind: kind, unit: u.ID, member: makeAccount(t, d, 1), clock: clock}
	must(t, d.MoveAccount(g.member, d.Root.ID, u.ID))
	return g
}

// later turns the clock, and tells what it is then.
func (g *governed) later() time.Time {
	*g.clock = g.clock.Add(time.Minute)
	return g.now()
}

func (g *governed) attach(target, content string) string {
	g.t.Helper()
	g.policies++
	p, err := g.CreatePolicy(NewPolicy{Name: fmt.Sprint("P", g.policies), Content: content, Type: g.kind})
	must(g.t, err)
	must(g.t, g.AttachPolicy(p.ID, target))
	return p.ID
}

func (g *governed) update(policy, content string) {
	g.t.Helper()
	_, err := g.UpdatePolicy(policy, nil, nil, &content)
	must(g.t, err)
}

func (g *governed) effective(account string) *EffectivePolicy {
	g.t.Helper()
	p, err := g.EffectivePolicy(account, g.kind)
	must(g.t, err)
	return p
}

func (g *governed) shows(account, want string) {
	g.t.Helper()
	if got := g.effective(account).Content; got != want {
		g.t.Errorf("%s:\ngot  %s\nwant %s", account, got, want)
	}
}

func TestEffectivePolicy(t *testing.T) {
	g := newGoverned(t, "TAG_POLICY")
	g.shows(g.member, `{}`)
	values := func(list string) string {
		return `{"tags":{"key":{"tag_value":[` + list + `],"tag_key":"key"}}}`
	}
	root := g.attach(g.Root.ID, setTag("tag_value", `"@@assign":["red"]`))
	g.attach(g.unit, setTag("tag_value", `"@@append":["blue"]`))
	g.shows(g.Management, values(`"red"`))
	g.shows(g.member, values(`"red","blue"`))
	must(t, g.MoveAccount(g.member, g.unit, g.Root.ID))
	g.shows(g.member, values(`"red"`))
	g.update(root, setTag("tag_value", `"@@assign":["green"]`))
	g.shows(g.member, values(`"green"`))

	// Who was attached first wins, though the clock stands still; attached anew, it
	// comes last.
	first := g.attach(g.member, setTag("tag_value", `"@@assign":["one"]`))
	g.attach(g.member, setTag("tag_value", `"@@assign":["two"]`))
	g.shows(g.member, values(`"one"`))
	must(t, g.DetachPolicy(first, g.member))
	must(t, g.AttachPolicy(first, g.member))
	g.shows(g.member, values(`"two"`))

	must(t, g.DisablePolicyType(g.Root.ID, "TAG_POLICY"))
	_, err := g.EffectivePolicy(g.member, "TAG_POLICY")
	const disabled = "The specified policy type is not enabled. Enable that policy type on your organization root and then retry."
	refused(t, err, "EffectivePolicyNotFoundException", "", disabled)
	_, err = g.InvalidAccounts("TAG_POLICY")
	refused(t, err, "EffectivePolicyNotFoundException", "", disabled)
	for _, kind := range []PolicyType{SCP, RCP, "X"} {
		_, err = g.EffectivePolicy(g.member, kind)
		refused(t, err, CodeInvalidInput, "INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type.")
	}
	for _, id := range []string{g.Root.ID, g.unit, ""} {
		refused(t, g.EffectiveTarget(id), CodeInvalidInput, "TARGET_NOT_SUPPORTED", "You specified a target that is not currently supported.")
	}
	refused(t, g.EffectiveTarget("123456789012"), CodeTargetNotFound, "", "You specified a target that doesn't exist.")
	must(t, g.EffectiveTarget(g.member))
}

// TestEffectiveSince: the time is that of the last change that concerns the
// account, and of no other.
func TestEffectiveSince(t *testing.T) {
	g := newGoverned(t, "TAG_POLICY")
	other := makeAccount(t, g.Draft, 2)
	at := func(what, account string, want time.Time) {
		t.Helper()
		if got := g.effective(account).Updated; !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	begun := g.now()
	at("the beginning", g.member, begun)

	attached := g.later()
	root := g.attach(g.Root.ID, setTag("tag_value", `"@@assign":["red"]`))
	at("attached to the root", g.member, attached)
	at("attached to the root", other, attached)

	unitAttached := g.later()
	unit := g.attach(g.unit, setTag("tag_value", `"@@append":["blue"]`))
	at("attached to the unit", g.member, unitAttached)
	at("attached to another's unit", other, attached)

	renamed, name := g.later(), "N"
	_, err := g.UpdatePolicy(unit, &name, nil, nil)
	must(t, err)
	at("renamed", g.member, renamed)
	at("another's renamed", other, attached)

	detached := g.later()
	must(t, g.DetachPolicy(unit, g.unit))
	at("detached", g.member, detached)
	at("detached from another's unit", other, attached)

	rootDetached := g.later()
	must(t, g.DetachPolicy(root, g.Root.ID))
	at("detached from the root", other, rootDetached)

	moved := g.later()
	must(t, g.MoveAccount(other, g.Root.ID, g.unit))
	at("moved", other, moved)
	at("another moved", g.member, rootDetached)

	enabled := g.later()
	must(t, g.DisablePolicyType(g.Root.ID, g.kind))
	must(t, g.EnablePolicyType(g.Root.ID, g.kind))
	at("enabled anew", g.member, enabled)

	// And so it is after the organization was read from its rows.
	sealed, changes := g.Seal()
	rows := slices.DeleteFunc(changes.Rows, func(r store.Row) bool { return r.Data == nil })
	loaded, err := Load(sealed.env, sealed.ID, rows)
	must(t, err)
	for _, account := range []string{g.member, other} {
		want, _ := sealed.EffectivePolicy(account, g.kind)
		got, err := loaded.EffectivePolicy(account, g.kind)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
}

// plan is a backup policy that is right by itself.
const plan = `{"plans":{"p":{"regions":{"@@assign":["us-east-1"]},"rules":{"daily":{"target_backup_vault_name":{"@@assign":"V"}}},` +
	`"selections":{"tags":{"s":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/R"},"tag_key":{"@@assign":"k"},"tag_value":{"@@assign":["v"]}}}}}}}`

func TestBackupErrors(t *testing.T) {
	rules := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"r%d":{"target_backup_vault_name":{"@@assign":"V"}}`, i))
		}
		return inPlan(`"rules":{` + strings.Join(list, ",") + `}`)
	}
	const daily = "plans/p/rules/daily"
	for _, c := range []struct {
		name, policy string
		want         []ValidationError
	}{
		{"right", inPlan(``), nil},
		{"another plan", `{"plans":{"q":{"rules":{"daily":{"start_backup_window_minutes":{"@@assign":"60"}}}}}}`, []ValidationError{
			{Code: "KEY_REQUIRED", Message: "'regions' is missing", Path: "plans/q"},
			{Code: "KEY_REQUIRED", Message: "'selections' is missing", Path: "plans/q"},
			{Code: "KEY_REQUIRED", Message: "'target_backup_vault_name' is missing", Path: "plans/q/rules/daily"},
		}},
		{"no regions", inPlan(`"regions":{"@@assign":[]}`), []ValidationError{
			{Code: "ELEMENTS_TOO_FEW", Message: "'regions' is less than the allowed minimum limit 1", Path: "plans/p/regions"},
		}},
		{"no tag values", inPlan(`"selections":{"tags":{"s":{"tag_value":{"@@remove":["v"]}}}}`), []ValidationError{
			{Code: "ELEMENTS_TOO_FEW", Message: "'tag_value' is less than the allowed minimum limit 1", Path: "plans/p/selections/tags/s/tag_value"},
		}},
		{"half a selection", inPlan(`"selections":{"tags":{"n":{"tag_key":{"@@assign":"k"}}}}`), []ValidationError{
			{Code: "KEY_REQUIRED", Message: "'iam_role_arn' is missing", Path: "plans/p/selections/tags/n"},
			{Code: "KEY_REQUIRED", Message: "'tag_value' is missing", Path: "plans/p/selections/tags/n"},
		}},
		{"resources without types", inPlan(`"selections":{"resources":{"n":{"iam_role_arn":{"@@assign":"arn:aws:iam::$account:role/R"}}}}`), []ValidationError{
			{Code: "KEY_REQUIRED", Message: "'resource_types' is missing", Path: "plans/p/selections/resources/n"},
		}},
		{"nine more rules", rules(9), nil},
		{"ten more rules", rules(10), []ValidationError{
			{Code: "ELEMENTS_TOO_MANY", Message: "'rules' exceeds the allowed maximum limit 10", Path: "plans/p/rules"},
		}},
		{"continuous", inRule(`"enable_continuous_backup":{"@@assign":"true"},"lifecycle":{"delete_after_days":{"@@assign":"35"}}`), nil},
		{"continuous for long", inRule(`"enable_continuous_backup":{"@@assign":"true"},"lifecycle":{"delete_after_days":{"@@assign":"45"}}`), []ValidationError{
			{Code: "CROSS_ATTRIBUTE_VALIDATION", Path: daily, Message: "Dependent fields enable_continuous_backup=true,delete_after_days=45 in policy block daily are invalid when used together"},
		}},
		{"archived", inRule(`"lifecycle":{"delete_after_days":{"@@assign":"120"},"move_to_cold_storage_after_days":{"@@assign":"30"},"opt_in_to_archive_for_supported_resources":{"@@assign":"true"}}`), nil},
		{"archived for a short time", inRule(`"lifecycle":{"delete_after_days":{"@@assign":"60"},"move_to_cold_storage_after_days":{"@@assign":"30"},"opt_in_to_archive_for_supported_resources":{"@@assign":"true"}}`), []ValidationError{
			{Code: "CROSS_ATTRIBUTE_VALIDATION", Path: daily, Message: "Dependent fields opt_in_to_archive_for_supported_resources=true,delete_after_days=60,move_to_cold_storage_after_days=30 in policy block daily are invalid when used together"},
		}},
		{"scanned", inPlan(`"rules":{"daily":{"scan_actions":{"GUARDDUTY":{"scan_mode":{"@@assign":"FULL_SCAN"}}}}},"scan_settings":{"GUARDDUTY":{"resource_types":{"@@assign":["EBS"]}}}`), nil},
		{"settings alone", inPlan(`"scan_settings":{"GUARDDUTY":{"resource_types":{"@@assign":["EBS"]}}}`), nil},
		{"scanned somehow", inRule(`"scan_actions":{"GUARDDUTY":{"scan_mode":{"@@assign":"FULL_SCAN"}}}`), []ValidationError{
			{Code: "CROSS_ATTRIBUTE_VALIDATION", Path: daily, Message: "Dependent fields scan_actions(undefined),scan_settings(undefined) in policy block daily are invalid when used together"},
		}},
	} {
		g := newGoverned(t, "BACKUP_POLICY")
		base := g.attach(g.Root.ID, plan)
		own := g.attach(g.member, c.policy)
		got := g.effective(g.member).Errors
		for i := range got {
			for _, id := range got[i].Policies {
				if id != base && id != own {
					t.Errorf("%s: %s contributed", c.name, id)
				}
			}
			if !slices.Contains(got[i].Policies, own) {
				t.Errorf("%s: %v contributed", c.name, got[i].Policies)
			}
			got[i].Policies = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestTagErrors(t *testing.T) {
	g := newGoverned(t, "TAG_POLICY")
	required := func(from, to int) string {
		var list []string
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf(`"k%d":{"report_required_tag_for":{"@@assign":["ec2:instance"]}}`, i))
		}
		return `{"tags":{` + strings.Join(list, ",") + `}}`
	}
	root := g.attach(g.Root.ID, required(0, 50))
	if e := g.effective(g.member).Errors; e != nil {
		t.Errorf("%v", e)
	}
	before := g.effective(g.member).Content
	own := g.attach(g.member, required(50, 55))
	want := &EffectivePolicy{Account: g.member, Type: g.kind, Content: before, Updated: g.now(), Errors: []ValidationError{{
		Code: "ELEMENTS_TOO_MANY", Path: "tags", Policies: []string{root, own},
		Message: "Resource type 'ec2:instance' has 55 tags for 'report_required_tag_for', which exceeds the maximum limit of 50. " +
			"Contributing tag keys include: k0, k1, k10, k11, k12 and 50 more",
	}}}
	if diff := cmp.Diff(want, g.effective(g.member)); diff != "" {
		t.Error(diff)
	}
}

// TestTagSize: an effective tag policy may be so long, as AWS counts it.
func TestTagSize(t *testing.T) {
	g := newGoverned(t, "TAG_POLICY")
	tags := func(from, to int) string {
		var list []string
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf(`"%05d":{}`, i))
		}
		return `{"tags":{` + strings.Join(list, ",") + `}}`
	}
	for i := range 9 {
		g.attach(g.member, tags(i*900, i*900+900))
	}
	before := g.effective(g.member)
	if before.Errors != nil || len(before.Content) != 372610 {
		t.Errorf("%d bytes: %v", len(before.Content), before.Errors)
	}
	g.attach(g.member, tags(8100, 9000))
	want := []ValidationError{{Code: "ELEMENTS_TOO_MANY", Path: "tags", Message: "Effective policy size is 414010 bytes, which exceeds the maximum limit of 395000 bytes"}}
	got := g.effective(g.member)
	if diff := cmp.Diff(want, got.Errors); diff != "" || got.Content != before.Content {
		t.Error(diff)
	}
}

// TestLastValid: an account keeps the last effective policy that was right.
func TestLastValid(t *testing.T) {
	g := newGoverned(t, "BACKUP_POLICY")
	wrong := inPlan(`"regions":{"@@assign":["us-east-1"]}`)
	invalid := func(want ...string) {
		t.Helper()
		got, err := g.InvalidAccounts(g.kind)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("invalid: %v, %v, want %v", got, err, want)
		}
	}
	root := g.attach(g.Root.ID, wrong)
	g.shows(g.member, `{}`) // never right
	invalid(g.member, g.Management)

	g.update(root, plan)
	right := g.effective(g.member).Content
	invalid()
	if right == `{}` {
		t.Fatal(right)
	}
	own := g.attach(g.member, inPlan(`"regions":{"@@assign":[]}`))
	g.shows(g.member, right)
	invalid(g.member)
	g.update(root, strings.Replace(plan, `"V"`, `"W"`, 1)) // of which the member hears later
	g.shows(g.member, right)
	now := strings.Replace(right, `"V"`, `"W"`, 1)
	g.shows(g.Management, now)
	must(t, g.DetachPolicy(own, g.member))
	g.shows(g.member, now)
	invalid()
	if a, _ := g.Account(g.member); len(a.LastValid) > 0 {
		t.Errorf("kept: %v", a.LastValid)
	}

	// By a policy of a unit that it moves to and away from.
	g.attach(g.unit, inPlan(`"regions":{"@@assign":[]}`))
	invalid(g.member)
	must(t, g.MoveAccount(g.member, g.unit, g.Root.ID))
	invalid()
	must(t, g.MoveAccount(g.member, g.Root.ID, g.unit))
	invalid(g.member)
	g.shows(g.member, now)

	must(t, g.DisablePolicyType(g.Root.ID, g.kind))
	must(t, g.EnablePolicyType(g.Root.ID, g.kind))
	g.shows(g.member, `{}`)
	g.attach(g.Root.ID, wrong)
	g.shows(g.member, `{}`)
	if got := g.effective(g.member).Errors; len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// BenchmarkUpdateAtRoot is the greatest change: a policy of the root in an
// organization of many units and accounts.
func BenchmarkUpdateAtRoot(b *testing.B) {
	q := DefaultQuotas()
	q.Accounts = 2001
	d := newOrganization(b, q).Draft()
	must(b, d.EnablePolicyType(d.Root.ID, "BACKUP_POLICY"))
	g := &governed{Draft: d, t: b, kind: "BACKUP_POLICY"}
	for i := range 200 {
		u, err := d.CreateUnit(d.Root.ID, fmt.Sprint(i), nil)
		must(b, err)
		g.attach(u.ID, inPlan(`"regions":{"@@append":["eu-west-1"]}`))
		for j := range 10 {
			d.putAccount(nil, &Account{ID: number(i*10 + j), Parent: u.ID})
		}
	}
	root := g.attach(d.Root.ID, plan)
	for b.Loop() {
		g.update(root, plan)
	}
}
