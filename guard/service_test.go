package guard_test

import (
	"errors"
	"fmt"
	"testing"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// TestService: a service has what a role's trust policy gives it, under the
// conditions it makes known, unless a resource control policy or the account's end
// stands against it; no service control policy binds it.
func TestService(t *testing.T) {
	const arn = "arn:aws:iam::" + account + ":role/Worker"
	trust := func(condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"` + condition + `}}`
	}
	const denyAll = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	const no = "User: %s is not authorized to perform: sts:AssumeRole on resource: " + arn + " "
	for name, c := range map[string]struct {
		by, condition string
		of            guard.Organization
		want          string
	}{
		"trusted":         {by: "ecs-tasks.amazonaws.com"},
		"another":         {by: "ec2.amazonaws.com", want: no + "because no role trust policy allows the sts:AssumeRole action"},
		"account":         {by: "ecs-tasks.amazonaws.com", condition: `,"Condition":{"StringEquals":{"aws:SourceAccount":"` + account + `"}}`},
		"other account":   {by: "ecs-tasks.amazonaws.com", condition: `,"Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}`, want: no + "because no role trust policy allows the sts:AssumeRole action"},
		"source":          {by: "ecs-tasks.amazonaws.com", condition: `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:ecs:eu-west-1:` + account + `:*"}}`},
		"known":           {by: "ecs-tasks.amazonaws.com", condition: `,"Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"},"ForAllValues:StringEquals":{"aws:PrincipalServiceNamesList":"ecs-tasks.amazonaws.com"}}`},
		"no address":      {by: "ecs-tasks.amazonaws.com", condition: `,"Condition":{"Null":{"aws:SourceIp":"false"}}`, want: no + "because no role trust policy allows the sts:AssumeRole action"},
		"closed":          {by: "ecs-tasks.amazonaws.com", of: guard.Organization{Closed: true}, want: no + "because no role trust policy allows the sts:AssumeRole action"},
		"service control": {by: "ecs-tasks.amazonaws.com", of: guard.Organization{ID: "o-example", SCPs: [][]policy.Attached{level(t, denyAll)}}},
	} {
		t.Run(name, func(t *testing.T) {
			a := change(t, iam.NewAccount(newEnv(), account), func(d *iam.Draft) error {
				_, err := d.CreateRole(iam.NewRole{Name: "Worker", Path: "/", Trust: trust(c.condition)})
				return err
			})
			role, _ := a.RoleByARN(arn)
			g := organizedGuard(t, accounts{account: a}, tree{account: c.of})
			caller := guard.Service(c.by, guard.OnBehalf{SourceARN: "arn:aws:ecs:eu-west-1:" + account + ":task/default/1", SourceAccount: account},
				guard.Origin{SourceIP: "192.0.2.1", Time: clock})
			err := g.Authorize(caller, nil, guard.Assuming("sts:AssumeRole", arn, account, role))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var denied *guard.Denied
			if want := fmt.Sprintf(c.want, c.by); !errors.As(err, &denied) || denied.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
	caller := guard.Service("ec2.amazonaws.com", guard.OnBehalf{}, guard.Origin{Time: clock})
	if id := caller.Identity(); id != (audit.Identity{Type: "AWSService", InvokedBy: "ec2.amazonaws.com"}) {
		t.Errorf("in events it is %+v", id)
	}
	g := organizedGuard(t, accounts{}, tree{account: {ID: "o-example", RCPs: [][]policy.Attached{level(t, denyInvoke)}}})
	err := g.Authorize(caller, nil, guard.Check{Action: "sts:AssumeRole", Resource: arn, Account: account, HasTrust: true, Trust: level(t, allowAnyone)})
	var denied *guard.Denied
	if !errors.As(err, &denied) || !denied.Decision.Explicit {
		t.Errorf("a resource control policy: %v", err)
	}
	// A role that is not there trusts nobody.
	if err := g.Authorize(caller, nil, guard.Assuming("sts:AssumeRole", arn, "999999999999", nil)); !errors.As(err, &denied) {
		t.Errorf("no role: %v", err)
	}
	if err := g.Authorize(caller, nil, guard.Check{Action: "iam:ListUsers", Resource: "*", Account: account}); !errors.As(err, &denied) {
		t.Errorf("a service with a right of its own: %v", err)
	}
}
