package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

const (
	scp = types.PolicyTypeServiceControlPolicy
	rcp = types.PolicyTypeResourceControlPolicy
	// fullAccess is AWS's policy, which is attached to everything.
	fullAccess = "p-FullAWSAccess"
)

// controlled is an organization with a member in a unit, and callers of either
// account.
type controlled struct {
	*world
	management, member, outside *clients // root users
	made                        map[string]string
	callers                     []caller
	policies                    int
}

type caller struct {
	name, arn string
	*clients
}

func newControlled(t *testing.T) *controlled {
	t.Helper()
	w := newWorld(t)
	o := &controlled{world: w, management: w.account(t), member: w.account(t), outside: w.account(t), made: map[string]string{}}
	inTree(t, o.management, o.made)
	join(t, o.management, o.member)
	o.move(t, o.made["root"], o.made["unit"])
	all := statement{Effect: "Allow", Action: "*", Resource: "*"}
	for _, of := range []struct {
		name string
		root *clients
	}{{"member's ", o.member}, {"manager's ", o.management}} {
		user := w.caller(t, of.root, all)
		role := makeRole(t, of.root, "R", trusting(of.root.Account))
		if _, err := of.root.IAM.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("R"), PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("*", "*")),
		}); err != nil {
			t.Fatal(err)
		}
		assumed, err := assume(user, role, "session")
		if err != nil {
			t.Fatal(err)
		}
		federated, err := federate(user, "fed", underPolicy(allow("*", "*")))
		if err != nil {
			t.Fatal(err)
		}
		in := "arn:aws:iam::" + of.root.Account + ":"
		o.callers = append(o.callers,
			caller{of.name + "root", in + "root", of.root}, caller{of.name + "user", in + "user/caller", user},
			caller{of.name + "role", *assumed.AssumedRoleUser.Arn, w.session(of.root.Account, assumed.Credentials)},
			caller{of.name + "federated", *federated.FederatedUser.Arn, w.session(of.root.Account, federated.Credentials)})
	}
	return o
}

func (o *controlled) move(t *testing.T, from, to string) {
	t.Helper()
	if _, err := o.management.Organizations.MoveAccount(t.Context(), &organizations.MoveAccountInput{
		AccountId: &o.member.Account, SourceParentId: &from, DestinationParentId: &to,
	}); err != nil {
		t.Fatal(err)
	}
}

func (o *controlled) toggle(t *testing.T, kind types.PolicyType, on bool) {
	t.Helper()
	root, err := aws.String(o.made["root"]), error(nil)
	if on {
		_, err = o.management.Organizations.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: root, PolicyType: kind})
	} else {
		_, err = o.management.Organizations.DisablePolicyType(t.Context(), &organizations.DisablePolicyTypeInput{RootId: root, PolicyType: kind})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// control makes a policy and attaches it. It gives its ARN, and the way back.
func (o *controlled) control(t *testing.T, kind types.PolicyType, target, text string) (arn string, undo func()) {
	t.Helper()
	o.policies++
	id := newControl(t, o.management, fmt.Sprint("control ", o.policies), kind, o.fill(text))
	attachControl(t, o.management, id, target)
	return "arn:aws:organizations::" + o.management.Account + ":policy/" + o.made["organization"] + "/" + strings.ToLower(string(kind)) + "/" + id,
		func() { detachControl(t, o.management, id, target) }
}

// fill puts ids in the place of «names».
func (o *controlled) fill(text string) string {
	for name, id := range o.made {
		text = strings.ReplaceAll(text, "«"+name+"»", id)
	}
	return strings.NewReplacer("«member»", o.member.Account, "«management»", o.management.Account).Replace(text)
}

// probe makes a call that all sessions of its kind may make.
func (o *controlled) probe(ctx context.Context, who caller) (err error) {
	if strings.HasSuffix(who.name, "federated") {
		_, err = who.Organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		return err
	}
	_, err = who.IAM.ListUsers(ctx, &iam.ListUsersInput{})
	return err
}

// target is the root, the unit or the member.
func (o *controlled) target(name string) string {
	if name == "member" {
		return o.member.Account
	}
	return o.made[name]
}

// document is a policy of one statement.
func document(effect, rest string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `",` + rest + `}]}`
}

// TestServiceControlPolicies: who is bound by which policy, at which level, at
// the next call. All are allowed to by their own policies; federated users may
// not call IAM, and ask Organizations, which tells nobody why it refuses.
func TestServiceControlPolicies(t *testing.T) {
	o := newControlled(t)
	const (
		probe = `"Action":["organizations:DescribeOrganization","iam:listusers"],"Resource":"*"`
		rest  = `"NotAction":["organizations:describe*","IAM:ListUsers"],"Resource":"*"`
		never = "because no service control policy allows the iam:ListUsers action"
	)
	everyone := func(string) bool { return true }
	for name, c := range map[string]struct {
		at      string // the root, the unit, the member
		text    string
		instead bool // of AWS's policy, not beside it
		binds   func(caller string) bool
		want    string // "": an explicit deny, with the policy's ARN
	}{
		"deny at the root":                 {at: "root", text: document("Deny", probe), binds: everyone},
		"deny at the unit":                 {at: "unit", text: document("Deny", probe), binds: everyone},
		"deny at the account":              {at: "member", text: document("Deny", probe), binds: everyone},
		"deny of all but":                  {at: "unit", text: document("Deny", `"NotAction":"s3:*","Resource":"*"`), binds: everyone},
		"deny of something else":           {at: "root", text: document("Deny", `"Action":"organizations:List*","Resource":"*"`)},
		"allow of something else, beside":  {at: "unit", text: document("Allow", rest)},
		"allow of something else, root":    {at: "root", text: document("Allow", rest), instead: true, binds: everyone, want: never},
		"allow of something else, unit":    {at: "unit", text: document("Allow", rest), instead: true, binds: everyone, want: never},
		"allow of something else, account": {at: "member", text: document("Allow", rest), instead: true, binds: everyone, want: never},
		"allow of just that":               {at: "member", text: document("Allow", probe), instead: true},
		"allow under a condition that is":  {at: "unit", text: document("Allow", probe+`,"Condition":{"StringEquals":{"aws:PrincipalAccount":"«member»"}}`), instead: true},
		"allow under a condition that isn't": {
			at: "unit", text: document("Allow", probe+`,"Condition":{"StringEquals":{"aws:PrincipalAccount":"«management»"}}`), instead: true, binds: everyone, want: never,
		},
		"deny for the root user": {
			at: "root", text: document("Deny", probe+`,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}`),
			binds: func(caller string) bool { return strings.HasSuffix(caller, "root") },
		},
		"deny for roles": {
			at: "root", text: document("Deny", probe+`,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`),
			binds: func(caller string) bool { return strings.HasSuffix(caller, "role") },
		},
		"deny outside the organization": {at: "root", text: document("Deny", probe+`,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"«organization»"}}`)},
		"deny in the organization":      {at: "root", text: document("Deny", probe+`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"«organization»"}}`), binds: everyone},
		"deny below the unit": {
			at: "root", text: document("Deny", probe+`,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"«organization»/«root»/«unit»/*"}}`), binds: everyone,
		},
		"deny elsewhere": {
			at: "root", text: document("Deny", probe+`,"Condition":{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"«organization»/«root»/«unit»/*"}}`),
		},
		"deny for resources of the organization": {
			at: "root", text: document("Deny", probe+`,"Condition":{"StringEquals":{"aws:ResourceOrgID":"«organization»"}}`), binds: everyone,
		},
		"deny of a policy without version": {at: "unit", text: `{"Statement":{"Effect":"Deny",` + probe + `}}`, binds: everyone},
	} {
		t.Run(name, func(t *testing.T) {
			arn, undo := o.control(t, scp, o.target(c.at), c.text)
			if c.instead {
				detachControl(t, o.management, fullAccess, o.target(c.at))
			}
			if c.want == "" {
				c.want = "with an explicit deny in a service control policy: " + arn
			}
			for _, who := range o.callers {
				err := o.probe(t.Context(), who)
				want := ""
				if c.binds != nil && strings.HasPrefix(who.name, "member's") && c.binds(who.name) {
					want = "User: " + who.arn + " is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::" + who.Account + ":user/ " + c.want
					if strings.HasSuffix(who.name, "federated") {
						want = "You don't have permissions to access this resource."
					}
				}
				if _, message := apiError(err); message != want {
					t.Errorf("%s:\n got %v\nwant %s", who.name, err, want)
				}
			}
			if c.instead {
				attachControl(t, o.management, fullAccess, o.target(c.at))
			}
			undo()
		})
	}
}

// TestControlsFollow: moving the account, disabling the type and changing the
// policy count at the next call.
func TestControlsFollow(t *testing.T) {
	o := newControlled(t)
	user := o.callers[1]
	want := func(what, verdictWanted string) {
		t.Helper()
		_, err := user.IAM.ListUsers(t.Context(), &iam.ListUsersInput{})
		same(t, what, verdict(err), verdictWanted)
	}
	want("at first", "allowed")
	arn, _ := o.control(t, scp, o.made["unit"], document("Deny", `"Action":"iam:ListUsers","Resource":"*"`))
	id := arn[strings.LastIndexByte(arn, '/')+1:]
	want("attached", "explicitDeny")
	o.move(t, o.made["unit"], o.made["root"])
	want("moved away", "allowed")
	o.move(t, o.made["root"], o.made["unit"])
	want("moved back", "explicitDeny")
	update := func(text string) {
		t.Helper()
		if _, err := o.management.Organizations.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: &id, Content: &text}); err != nil {
			t.Fatal(err)
		}
	}
	update(controlS3)
	want("changed", "allowed")
	update(document("Deny", `"Action":"iam:*","Resource":"*"`))
	want("changed again", "explicitDeny")
	o.toggle(t, scp, false)
	want("disabled", "allowed")
	o.toggle(t, scp, true)
	want("enabled, and attached to nothing", "allowed")
	attachControl(t, o.management, id, o.member.Account)
	want("attached to the account", "explicitDeny")
}

// TestResourceControlPolicies: they bind what is done to members' roles, whoever
// does it, and name themselves within the organization only.
func TestResourceControlPolicies(t *testing.T) {
	o := newControlled(t)
	o.toggle(t, rcp, true)
	everybody := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	roles := map[string]string{
		"member's":  makeRole(t, o.member, "Open", everybody),
		"manager's": makeRole(t, o.management, "Open", everybody),
		"outside":   makeRole(t, o.outside, "Open", everybody),
	}
	callers := []caller{
		o.callers[1], o.callers[2], o.callers[5],
		{"outside user", "arn:aws:iam::" + o.outside.Account + ":user/caller", o.caller(t, o.outside, statement{Effect: "Allow", Action: "*", Resource: "*"})},
	}
	const probe = `"Principal":"*","Action":"sts:AssumeRole","Resource":"*"`
	everyone := func(string) bool { return true }
	outsiders := func(who string) bool { return strings.HasPrefix(who, "outside") }
	for name, c := range map[string]struct {
		at, text string
		binds    func(caller string) bool
	}{
		"deny at the root":        {"root", probe, everyone},
		"deny at the unit":        {"unit", probe, everyone},
		"deny at the account":     {"member", probe, everyone},
		"deny of something else":  {"root", strings.Replace(probe, "sts:AssumeRole", "sts:TagSession", 1), nil},
		"deny on another role":    {"root", strings.Replace(probe, `"Resource":"*"`, `"Resource":"arn:aws:iam::*:role/Shut"`, 1), nil},
		"deny to strangers":       {"root", probe + `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"«organization»"}}`, outsiders},
		"deny to who stands else": {"unit", probe + `,"Condition":{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"«organization»/*"}}`, outsiders},
		"deny on what is ours":    {"root", probe + `,"Condition":{"StringEquals":{"aws:ResourceOrgID":"«organization»","aws:ResourceAccount":"«member»"}}`, everyone},
		"deny on what is in the unit": {
			"root", probe + `,"Condition":{"ForAnyValue:StringLike":{"aws:ResourceOrgPaths":"«organization»/«root»/«unit»/*"}}`, everyone,
		},
		"deny to the other account": {"root", probe + `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"«management»"}}`, func(who string) bool { return strings.HasPrefix(who, "manager's") }},
	} {
		t.Run(name, func(t *testing.T) {
			arn, undo := o.control(t, rcp, o.target(c.at), document("Deny", c.text))
			for whose, role := range roles {
				for _, who := range callers {
					_, err := assume(who.clients, role, "session")
					want := ""
					if whose == "member's" && c.binds != nil && c.binds(who.name) {
						want = "User: " + who.arn + " is not authorized to perform: sts:AssumeRole on resource: " + role + " with an explicit deny in a resource control policy"
						if !outsiders(who.name) {
							want += ": " + arn
						}
					}
					if _, message := apiError(err); message != want {
						t.Errorf("%s takes the %s role:\n got %v\nwant %s", who.name, whose, err, want)
					}
				}
			}
			undo()
		})
	}
}

// TestSimulateControlled: SimulatePrincipalPolicy says of a member's user what
// the organization does, and tells that it was the organization.
func TestSimulateControlled(t *testing.T) {
	o := newControlled(t)
	o.toggle(t, rcp, true)
	scpARN, _ := o.control(t, scp, o.made["unit"], document("Deny", `"Action":"iam:ListUsers","Resource":"*"`))
	rcpARN, _ := o.control(t, rcp, o.made["root"], document("Deny", `"Principal":"*","Action":"sts:AssumeRole","Resource":"*","Condition":{"StringEquals":{"aws:ResourceOrgID":"«organization»"}}`))
	o.control(t, scp, o.made["root"], document("Deny", `"Action":"s3:GetObject","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"«organization»"}}`))
	byARN := func(arn string) []iamtypes.PolicyIdentifier {
		return []iamtypes.PolicyIdentifier{&iamtypes.PolicyIdentifierMemberPolicyArn{Value: arn}}
	}
	ofType := func(kind iamtypes.PolicyIdentifierPolicyType) []iamtypes.PolicyIdentifier {
		return []iamtypes.PolicyIdentifier{&iamtypes.PolicyIdentifierMemberPolicyType{Value: kind}}
	}
	role := "arn:aws:iam::" + o.member.Account + ":role/R"
	for _, c := range []struct {
		root     *clients
		action   string
		resource string
		without  []iamtypes.PolicyIdentifier
		want     string
	}{
		{o.member, "iam:ListUsers", "*", nil, "explicitDeny false"},
		{o.member, "iam:GetUser", "*", nil, "allowed true"},
		{o.member, "s3:GetObject", "*", nil, "allowed true"},
		{o.member, "iam:ListUsers", "*", byARN(scpARN), "allowed true"},
		{o.member, "iam:ListUsers", "*", ofType(iamtypes.PolicyIdentifierPolicyTypeScp), "allowed true"},
		{o.member, "iam:ListUsers", "*", ofType(iamtypes.PolicyIdentifierPolicyTypeRcp), "explicitDeny false"},
		{o.member, "sts:AssumeRole", role, nil, "explicitDeny false"},
		{o.member, "sts:AssumeRole", role, byARN(rcpARN), "allowed true"},
		{o.member, "sts:AssumeRole", role, ofType(iamtypes.PolicyIdentifierPolicyTypeRcp), "allowed true"},
		{o.management, "iam:ListUsers", "*", nil, "allowed true"},
		{o.management, "sts:AssumeRole", "arn:aws:iam::" + o.management.Account + ":role/R", nil, "allowed true"},
		{o.outside, "iam:ListUsers", "*", nil, "implicitDeny true"},
	} {
		name := "caller"
		if c.root == o.outside {
			name = "nobody"
			if _, err := o.outside.IAM.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
				t.Fatal(err)
			}
		}
		out, err := c.root.IAM.SimulatePrincipalPolicy(context.Background(), &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String("arn:aws:iam::" + c.root.Account + ":user/" + name), ActionNames: []string{c.action}, ResourceArns: []string{c.resource},
			PolicyExclusionList: c.without,
		})
		if err != nil {
			t.Errorf("%s: %v", c.action, err)
			continue
		}
		r := out.EvaluationResults[0]
		same(t, fmt.Sprint(c.action, " ", c.without), fmt.Sprint(r.EvalDecision, " ", r.OrganizationsDecisionDetail.AllowedByOrganizations), c.want)
		if strings.HasSuffix(c.want, "false") && len(r.MatchedStatements) > 0 {
			t.Errorf("%s: it tells what the organization's policies say: %+v", c.action, r.MatchedStatements)
		}
	}
}
