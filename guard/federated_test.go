package guard_test

import (
	"testing"

	"iamd/guard"
	"iamd/iam"
	"iamd/policy"
	"iamd/sigv4"
	"iamd/sts"
)

// TestFederatedCallers: whom a provider vouches for is let in by the trust policy
// alone, and told nothing but that it did not.
func TestFederatedCallers(t *testing.T) {
	a, _ := bob(t, anything)
	a = change(t, a, func(d *iam.Draft) error {
		_, err := d.CreateRole(iam.NewRole{Name: "R", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}}`})
		return err
	})
	const provider = "arn:aws:iam::" + account + ":oidc-provider/id.example.com"
	d := newDoor(t, a)
	check := func(principal, conditions string) guard.Check {
		return guard.Check{
			Action: "sts:AssumeRoleWithWebIdentity", Resource: "arn:aws:iam::" + account + ":role/R", Account: account, HasTrust: true,
			Keys: []guard.Key{guard.Value("id.example.com:sub", "me")},
			Trust: []policy.Attached{{Policy: iam.NewDocument(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":`+principal+
				`,"Action":"sts:AssumeRole*","Condition":{"StringEquals":`+conditions+`}}}`, nil).Compiled()}},
		}
	}
	named := `{"Federated":"` + provider + `"}`
	web := guard.Federated(policy.WebIdentity, provider, "me", guard.Origin{Time: clock})
	for name, c := range map[string]struct {
		caller *guard.Caller
		check  guard.Check
		ok     bool
	}{
		"named":            {web, check(named, `{"id.example.com:sub":"me"}`), true},
		"what is known":    {web, check(named, `{"aws:FederatedProvider":"`+provider+`","aws:userid":"`+provider+`","aws:PrincipalType":"User","aws:PrincipalAccount":"`+account+`"}`), true},
		"no ARN":           {web, check(named, `{"aws:PrincipalArn":"`+provider+`"}`), false},
		"another subject":  {web, check(named, `{"id.example.com:sub":"you"}`), false},
		"everybody":        {web, check(`{"AWS":"*"}`, `{"id.example.com:sub":"me"}`), false},
		"the account":      {web, check(`{"AWS":"`+account+`"}`, `{"id.example.com:sub":"me"}`), false},
		"an assertion's":   {guard.Federated(policy.SAML, provider, "me", guard.Origin{Time: clock}), check(named, `{"id.example.com:sub":"me"}`), true},
		"another provider": {guard.Federated(policy.WebIdentity, provider+"x", "me", guard.Origin{Time: clock}), check(named, `{"id.example.com:sub":"me"}`), false},
	} {
		err := d.guard.Authorize(c.caller, nil, c.check)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && err.Error() != "Not authorized to perform sts:AssumeRoleWithWebIdentity" {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			trace := d.guard.Trace(c.caller, "r", c.check.Action, err)
			if trace == nil || trace.Holder() != account || d.guard.Message(trace) != "" {
				t.Errorf("%s: trace %+v", name, trace)
			}
		}
	}
	if trace := d.guard.Trace(web, "r", "sts:AssumeRoleWithWebIdentity", iam.Errorf(iam.CodeAccessDenied, "no")); trace != nil {
		t.Errorf("a trace of what no policy decided: %+v", trace)
	}
	// Sessions of either kind are the role's.
	for _, kind := range []sts.Kind{sts.WebIdentity, sts.SAML} {
		r, _ := d.accounts[account].Role("R")
		session, err := sts.FederatedRole{
			Kind: kind, Account: account, Role: r, SessionName: "s", Provider: provider, Keys: []sts.Key{{Name: "id.example.com:amr", Values: []string{"a", "b"}, Many: true}},
		}.Session(clock)
		if err != nil {
			t.Fatal(err)
		}
		issued, err := d.tokens.Issue(session, 0)
		if err != nil {
			t.Fatal(err)
		}
		c, err := d.caller(t, sigv4.Credentials{KeyID: issued.AccessKeyID, Secret: issued.SecretAccessKey, Token: issued.SessionToken})
		if err != nil || c.Kind != policy.Role || c.RoleName != "R" {
			t.Errorf("%s: %+v, %v", kind, c, err)
		}
	}
}
