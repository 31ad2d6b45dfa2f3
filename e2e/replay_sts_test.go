package e2e_test

import "maps"

// replayed are the calls of every scenario.
func replayed() map[string]func(recording) []turn {
	all := map[string]func(recording) []turn{}
	for _, family := range []map[string]func(recording) []turn{
		replayedSTS(), replayedRoles(), replayedPolicies(), replayedCredentials(), replayedServiceRoles(),
	} {
		maps.Copy(all, family)
	}
	return all
}

// fixed are calls that do not depend on what was recorded.
func fixed(calls ...turn) func(recording) []turn {
	return func(recording) []turn { return calls }
}

const (
	trustAccount    = `{"Version": "2012-10-17", "Statement": [{"Action": "sts:AssumeRole", "Principal": {"AWS": "111111111111"}, "Effect": "Allow"}]}`
	trustAccountTag = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": "111111111111"}}]}`

	roleOne = "arn:<partition>:iam::111111111111:role/<role-name:1>"
	roleTwo = "arn:<partition>:iam::111111111111:role/<role-name:2>"
)

func replayedSTS() map[string]func(recording) []turn {
	assume := func(step, arn, session string, more ...string) turn {
		return turn{step: step, action: "sts:AssumeRole", in: append([]string{"RoleArn", arn, "RoleSessionName", session}, more...)}
	}
	chained := func(step, key string) turn {
		a := assume(step, roleTwo, "Session2SessionTagOverride", "Tags.member.1.Key", key, "Tags.member.1.Value", "SessionValue2")
		a.session = true
		return a
	}
	tag := []string{"Tags.member.1.Key", "SessionTag1", "Tags.member.1.Value", "SessionValue1"}
	return map[string]func(recording) []turn{
		"TestSTSIntegrations/test_get_federation_token": fixed(
			turn{step: "get-federation-token", action: "sts:GetFederationToken", in: []string{"Name", "<resource:1>", "DurationSeconds", "900"}},
		),
		"TestSTSIntegrations/test_assume_role": fixed(
			createRole("create-role", "<resource:1>", trustAccount),
			assume("assume-role", "arn:<partition>:iam::111111111111:role/<resource:1>", "<role-session-name:1>"),
		),
		"TestSTSAssumeRoleTagging/test_assume_role_tag_validation": fixed(
			createRole("role-1", "<role-name:1>", trustAccountTag),
			assume("", roleOne, "Session1"),
			assume("invalid-transitive-tag-keys", roleOne, "SessionInvalidTransitiveKeys", append(tag, "TransitiveTagKeys.member.1", "InvalidKey")...),
			assume("", roleOne, "SessionInvalidCasingTransitiveKeys", append(tag, "TransitiveTagKeys.member.1", "sessiontag1")...),
			assume("duplicate-tag-keys-different-casing", roleOne, "SessionInvalidCasingTransitiveKeys",
				append(tag, "Tags.member.2.Key", "sessiontag1", "Tags.member.2.Value", "SessionValue2", "TransitiveTagKeys.member.1", "sessiontag1")...),
		),
		"TestSTSAssumeRoleTagging/test_iam_role_chaining_override_transitive_tags": fixed(
			createRole("role-1", "<role-name:1>", trustAccountTag),
			createRole("role-2", "<role-name:2>", trustAccountTag),
			turn{action: "iam:PutRolePolicy", in: []string{
				"RoleName", "<role-name:1>", "PolicyName", "chain",
				"PolicyDocument", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": ["` + roleTwo + `"]}]}`,
			}},
			assume("", roleOne, "Session1", append(tag, "TransitiveTagKeys.member.1", "SessionTag1")...),
			chained("override-transitive-tag-error", "SessionTag1"),
			chained("override-transitive-tag-case-ignore-error", "sessiontag1"),
		),
		"TestSTSIntegrations/test_sts_invalid_parameters": fixed(
			assume("malformed-arn", "nothing-valid-in-here", "Session1"),
			assume("no-partition", "arn::b:::something/test-role", "Session1"),
			assume("no-service", "arn:a::::something/test-role", "Session1"),
			assume("not-enough-colons", "arn:a:::something/test-role", "Session1"),
			assume("no-resource", "arn:a:a::aaaaaaaaaa:", "Session1"),
			assume("invalid-session-name", "arn:a:b:::something/test-role", "Session1:2"),
		),
	}
}
