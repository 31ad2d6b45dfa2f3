package guard_test

import (
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
)

// BenchmarkAuthorize measures calls that are allowed: by policies that ask for no
// condition key, by one that asks for one, with a trust policy, and by a role.
func BenchmarkAuthorize(b *testing.B) {
	const role = "arn:aws:iam::" + account + ":role/R"
	trust := func(condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"` + condition + `}}`
	}
	const plain = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:Get*","sts:AssumeRole"],"Resource":"arn:aws:iam::*:*"}}`
	getUser := guard.Check{Action: getUser, Resource: "arn:aws:iam::" + account + ":user/Al", Named: "user Al"}
	assume := func(document string) guard.Check {
		check := guard.Assuming("sts:AssumeRole", role, account, &iam.Role{Trust: iam.NewDocument(document, nil)})
		check.Keys = []guard.Key{guard.Value("sts:RoleSessionName", "session"), guard.Value("sts:ExternalId", "id")}
		return check
	}
	for _, bench := range []struct {
		name, policy string
		check        guard.Check
		as           policy.PrincipalKind
	}{
		{"plain", plain, getUser, policy.User},
		{"condition", when("StringEquals", "aws:username", "Bob"), getUser, policy.User},
		{"trust", plain, assume(trust("")), policy.User},
		{"trust with a condition", plain, assume(trust(`,"Condition":{"StringEquals":{"sts:ExternalId":"id"}}`)), policy.User},
		{"role", plain, getUser, policy.Role},
	} {
		b.Run(bench.name, func(b *testing.B) {
			a, caller := bob(b, bench.policy)
			if bench.as == policy.Role {
				var r *iam.Role
				a = change(b, a, func(d *iam.Draft) (err error) {
					if r, err = d.CreateRole(iam.NewRole{Name: "R", Path: "/", Trust: trust("")}); err != nil {
						return err
					}
					return d.PutInlinePolicy(iam.Entity{Kind: iam.KindRole, Name: "R"}, "p", bench.policy)
				})
				caller.Kind, caller.RoleARN, caller.ARN, caller.UniqueID = policy.Role, role, "arn:aws:sts::"+account+":assumed-role/R/s", r.ID
			}
			g := newGuard(b, accounts{account: a})
			b.ReportAllocs()
			for b.Loop() {
				if err := g.Authorize(caller, a, bench.check); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
