package api_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const (
	toldType      = "InvalidInputException INVALID_ENUM_POLICY_TYPE: You specified an invalid policy type."
	toldTarget    = "InvalidInputException TARGET_NOT_SUPPORTED: You specified a target that is not currently supported."
	toldNoTarget  = "TargetNotFoundException: You specified a target that doesn't exist."
	toldNoAccount = "AccountNotFoundException: You specified an account that doesn't exist."
	toldDisabled  = "EffectivePolicyNotFoundException: " + notEnabled
)

// inObserved is an organization with a member, by the names of observed.
func inObserved(t *testing.T) (w *world, r *observed, root, member *clients) {
	t.Helper()
	w = newWorld(t)
	root, member = w.account(t), w.account(t)
	made := map[string]string{}
	inTree(t, root, made)
	join(t, root, member)
	return w, newObserved(t, map[string]string{
		"management": root.Account, "member": member.Account, "organization": made["organization"], "root": made["root"], "unit": made["unit"],
	}), root, member
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return readable(string(b))
}

func creates(kind, name, content string) string {
	return `{"Name":"` + name + `","Description":"","Type":"` + kind + `","Content":` + quoted(content) + `}`
}

// taken is the answer to a policy that is kept as it was written, but for what is
// in its place.
func taken(id, kind, name, content string) string {
	return `{"Policy":{"Content":` + quoted(content) + `,"PolicySummary":{"Arn":"arn:aws:organizations::<management>:policy/<organization>/` + strings.ToLower(kind) + "/" + id +
		`","AwsManaged":false,"Description":"","Id":"` + id + `","Name":"` + name + `","Type":"` + kind + `"}}}`
}

func typesEnabled(list ...string) string {
	var all []string
	for _, kind := range list {
		kind, status, pending := strings.Cut(kind, " ")
		if !pending {
			status = "ENABLED"
		}
		all = append(all, `{"Status":"`+status+`","Type":"`+kind+`"}`)
	}
	return `{"Root":{"Arn":"arn:aws:organizations::<management>:root/<organization>/<root>","Id":"<root>","Name":"Root","PolicyTypes":[` + strings.Join(all, ",") + `]}}`
}

// TestRecordedEffective: whose effective policies can be asked for, and of which
// types.
func TestRecordedEffective(t *testing.T) {
	_, r, root, member := inObserved(t)
	describe := func(target string) string {
		if target != "" {
			target = `,"TargetId":"` + target + `"`
		}
		return `{"PolicyType":"TAG_POLICY"` + target + `}`
	}
	errorsOf := func(account, kind string) string {
		return `{"AccountId":"` + account + `","PolicyType":"` + kind + `"}`
	}
	const value = "InvalidInputException INVALID_ENUM:POLICY_TYPE: You specified an invalid value."
	r.hold(root,
		exchange{"DescribeEffectivePolicy", describe("<member>"), toldDisabled},
		exchange{"DescribeEffectivePolicy", describe(""), toldDisabled},
		exchange{"DescribeEffectivePolicy", describe("<root>"), toldTarget},
		exchange{"DescribeEffectivePolicy", describe("123456789012"), toldNoTarget},
		exchange{"DescribeEffectivePolicy", `{"PolicyType":"SERVICE_CONTROL_POLICY"}`, toldType},
		exchange{"DescribeEffectivePolicy", `{"PolicyType":"RESOURCE_CONTROL_POLICY"}`, value},
		exchange{"DescribeEffectivePolicy", `{"PolicyType":"wrong"}`, value},
		exchange{"DescribeEffectivePolicy", `{}`, "InvalidInputException INPUT_REQUIRED:POLICY_TYPE" + toldRequired},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<management>", "TAG_POLICY"), toldDisabled},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<management>", "BACKUP_POLICY"), toldDisabled},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("999999999999", "TAG_POLICY"), toldNoAccount},
		exchange{"ListEffectivePolicyValidationErrors", `{"PolicyType":"TAG_POLICY"}`, toldTarget},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<root>", "TAG_POLICY"), toldTarget},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<management>"}`, "InvalidInputException INPUT_REQUIRED:POLICY_TYPE" + toldRequired},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<management>", "SERVICE_CONTROL_POLICY"), toldType},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<management>", "RESOURCE_CONTROL_POLICY"), toldType},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<management>", "WRONG"), toldType},
	)
	r.hold(member,
		exchange{"DescribeEffectivePolicy", describe(""), toldDisabled},
		exchange{"DescribeEffectivePolicy", describe("<member>"), toldDisabled},
		exchange{"DescribeEffectivePolicy", describe("<management>"), toldDenied},
	)
	effective := func(account, kind, content string) string {
		return `{"EffectivePolicy":{"LastUpdatedTimestamp":0,"PolicyContent":` + quoted(content) + `,"PolicyType":"` + kind + `","TargetId":"` + account + `"}}`
	}
	found := func(kind, list string) string {
		if list == "" {
			return `{"AccountId":"<member>","EffectivePolicyValidationErrors":[],"PolicyType":"` + kind + `"}`
		}
		return `{"AccountId":"<member>","EffectivePolicyValidationErrors":[` + list + `],"EvaluationTimestamp":0,"Path":"<organization>/<root>/<member>/","PolicyType":"` + kind + `"}`
	}
	attached := func(policy, target string) string {
		return `{"PolicyId":"` + policy + `","TargetId":"` + target + `"}`
	}
	daily := `{"plans": {"daily": {"rules": {"daily": {"start_backup_window_minutes": {"@@assign": "60"}}}}}}`
	missing := func(key, path string) string {
		return `{"ContributingPolicies":["<policy2>"],"ErrorCode":"KEY_REQUIRED","ErrorMessage":"'` + key + `' is missing","PathToError":"` + path + `"}`
	}
	three := []string{missing("regions", "plans/daily"), missing("selections", "plans/daily"), missing("target_backup_vault_name", "plans/daily/rules/daily")}
	r.hold(root,
		exchange{"EnablePolicyType", `{"RootId":"<root>","PolicyType":"TAG_POLICY"}`, typesEnabled("SERVICE_CONTROL_POLICY", "TAG_POLICY")},
		exchange{"EnablePolicyType", `{"RootId":"<root>","PolicyType":"BACKUP_POLICY"}`, typesEnabled("BACKUP_POLICY", "SERVICE_CONTROL_POLICY", "TAG_POLICY")},
		exchange{"DescribeEffectivePolicy", describe("<member>"), effective("<member>", "TAG_POLICY", "{}")},
		exchange{"DescribeEffectivePolicy", describe(""), effective("<management>", "TAG_POLICY", "{}")},
		exchange{"DescribeEffectivePolicy", describe("<root>"), toldTarget},
		exchange{"DescribeEffectivePolicy", describe("123456789012"), toldNoTarget},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<member>", "TAG_POLICY"), found("TAG_POLICY", "")},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<member>", "BACKUP_POLICY"), found("BACKUP_POLICY", "")},

		exchange{"CreatePolicy", creates("BACKUP_POLICY", "empty", `{"plans": {"daily": {}}}`), taken("<policy1>", "BACKUP_POLICY", "empty", `{"plans": {"daily": {}}}`)},
		exchange{"AttachPolicy", attached("<policy1>", "<member>"), ""},
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<member>", "BACKUP_POLICY"), found("BACKUP_POLICY", "")},
		exchange{"DescribeEffectivePolicy", `{"PolicyType":"BACKUP_POLICY","TargetId":"<member>"}`, effective("<member>", "BACKUP_POLICY", "{}")},

		exchange{"CreatePolicy", creates("BACKUP_POLICY", "rules", daily), taken("<policy2>", "BACKUP_POLICY", "rules", daily)},
		exchange{"AttachPolicy", attached("<policy2>", "<root>"), ""},
		// AWS's errors come in no order that means anything.
		exchange{"ListEffectivePolicyValidationErrors", errorsOf("<member>", "BACKUP_POLICY"), found("BACKUP_POLICY", strings.Join(three, ","))},
		exchange{"DescribeEffectivePolicy", `{"PolicyType":"BACKUP_POLICY","TargetId":"<member>"}`, effective("<member>", "BACKUP_POLICY", "{}")},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<member>","PolicyType":"BACKUP_POLICY","MaxResults":1}`,
			strings.Replace(found("BACKUP_POLICY", three[0]), `"Path":`, `"NextToken":"a token","Path":`, 1)},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<member>","PolicyType":"BACKUP_POLICY","NextToken":"invalid"}`, toldToken},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<member>","PolicyType":"BACKUP_POLICY","NextToken":""}`, toldToken},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<member>","PolicyType":"BACKUP_POLICY","MaxResults":0}`, toldBelow},
		exchange{"ListEffectivePolicyValidationErrors", `{"AccountId":"<member>","PolicyType":"BACKUP_POLICY","MaxResults":21}`, toldAbove},
	)
	// Whoever may ask as a member, by what stands in a condition.
	for _, c := range []struct {
		resource, key, value string
		allowed              bool
	}{
		{"arn:aws:organizations::<management>:account/<organization>/<member>", "", "", true},
		{"arn:aws:organizations::<management>:account/<organization>/<management>", "", "", false},
		{"*", "aws:ResourceAccount", "<management>", true},
		{"*", "aws:ResourceAccount", "<member>", false},
		{"*", "organizations:PolicyType", "TAG_POLICY", true},
	} {
		w, r, _, member := inObserved(t)
		s := statement{Effect: "Allow", Action: "organizations:DescribeEffectivePolicy", Resource: r.actual(c.resource)}
		if c.key != "" {
			s.Condition = map[string]map[string]string{"StringEquals": {c.key: r.actual(c.value)}}
		}
		want := toldDenied
		if c.allowed {
			want = toldDisabled // was allowed to ask
		}
		r.hold(w.caller(t, member, s), exchange{"DescribeEffectivePolicy", describe(""), want})
	}
}

// TestRecordedInheritance: what three tag policies come to, of which two are the
// root's and one the member's.
func TestRecordedInheritance(t *testing.T) {
	_, r, root, _ := inObserved(t)
	r.call(root, "EnablePolicyType", `{"RootId":"<root>","PolicyType":"TAG_POLICY"}`)
	child := `"@@operators_allowed_for_child_policies"`
	values := func(s string) string { return `{"tag_value":{` + s + `}}` }
	documents := []map[string]string{
		{
			"replace": values(`"@@assign":["red","blue"]`), "append": values(`"@@assign":["red","blue"]`), "remove": values(`"@@assign":["red","blue"]`),
			"lock": values(`"@@assign":["red"],` + child + `:["@@none"]`), "append_only": values(`"@@assign":["red"],` + child + `:["@@append"]`),
			"cannot_unlock": values(`"@@assign":["red"],` + child + `:["@@append"]`), "same_assign": values(`"@@assign":["red"]`),
			"same_assign_lists": values(`"@@assign":["red","blue"]`), "same_remove": values(`"@@assign":["red","blue"]`),
			"same_append_remove": values(`"@@append":["red"]`), "same_remove_append": values(`"@@remove":["red"]`),
			"multi": values(`"@@assign":["red"],"@@append":["blue"],"@@remove":["red"]`), "child_multi": values(`"@@assign":["red","blue"]`),
			"same_append": values(`"@@append":["red"]`), "same_assign_append": values(`"@@assign":["red"]`), "same_append_assign": values(`"@@append":["red"]`),
			"intersection": values(`"@@assign":["red"],` + child + `:["@@append"]`), "empty_remove": values(`"@@assign":["red"]`),
			"logical-lock": `{` + child + `:["@@none"],"tag_value":{"@@assign":["red"]}}`,
			"numeric":      values(`"@@assign":[12,true,null]`), "Empty": `{}`, "Default": values(`"@@assign":["red"]`),
		},
		{
			"same_assign": values(`"@@assign":["blue"]`), "same_assign_lists": values(`"@@assign":["blue","green"]`), "same_remove": values(`"@@remove":["red"]`),
			"same_append_remove": values(`"@@remove":["red"]`), "same_remove_append": values(`"@@append":["red"]`), "same_append": values(`"@@append":["blue"]`),
			"same_assign_append": values(`"@@append":["blue"]`), "same_append_assign": values(`"@@assign":["blue"]`), "intersection": values(child + `:["@@remove"]`),
		},
		{
			"replace": values(`"@@assign":["green"]`), "append": values(`"@@append":["blue","green"]`), "remove": values(`"@@remove":["red","missing"]`),
			"lock": values(`"@@assign":["green"]`), "append_only": values(`"@@append":["green"]`), "cannot_unlock": values(`"@@assign":["green"],` + child + `:["@@all"]`),
			"child_multi": values(`"@@assign":["green"],"@@append":["yellow"],"@@remove":["green"]`), "intersection": values(`"@@append":["green"]`),
			"empty_remove": values(`"@@remove":["red"]`), "orphan_remove": values(`"@@remove":["red"]`), "logical-lock": values(`"@@assign":["blue"]`),
			"numeric": values(`"@@append":["12",13]`), "default": values(`"@@append":["blue"]`),
		},
	}
	for i, d := range documents {
		var list []string
		for key, rule := range d {
			list = append(list, quoted(key)+":"+rule)
		}
		name, target := fmt.Sprint("P", i), "<root>"
		if i == 2 {
			target = "<member>"
		}
		if got := r.call(root, "CreatePolicy", creates("TAG_POLICY", name, `{"tags":{`+strings.Join(list, ",")+`}}`)); !strings.HasPrefix(got, "{") {
			t.Fatal(got)
		}
		r.hold(root, exchange{"AttachPolicy", fmt.Sprintf(`{"PolicyId":"<policy%d>","TargetId":"%s"}`, i+1, target), ""})
	}
	shows := func(what, target, want string) {
		t.Helper()
		var answer struct {
			EffectivePolicy struct{ PolicyContent string }
		}
		var got struct {
			Tags map[string]struct {
				Key    string   `json:"tag_key"`
				Values []string `json:"tag_value"`
			}
		}
		if err := json.Unmarshal([]byte(r.call(root, "DescribeEffectivePolicy", `{"PolicyType":"TAG_POLICY","TargetId":"`+target+`"}`)), &answer); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(answer.EffectivePolicy.PolicyContent), &got); err != nil {
			t.Fatal(err)
		}
		wanted, shown := map[string]string{}, map[string]string{}
		for _, one := range strings.Fields(want) {
			key, list, _ := strings.Cut(one, "=")
			wanted[key] = list
		}
		for key, rule := range got.Tags {
			shown[key] = strings.Join(rule.Values, ",")
			same(t, "the key of "+key, rule.Key, key)
		}
		if !reflect.DeepEqual(shown, wanted) {
			t.Errorf("%s\n got %v\nwant %v", what, shown, wanted)
		}
	}
	const both = `lock=red multi=blue same_append_assign=blue,red same_append_remove= same_assign_lists=red,blue same_append=red,blue empty=* same_assign=red ` +
		`same_assign_append=red,blue same_remove=blue intersection=red same_remove_append= cannot_unlock=red `
	shows("the root's", "<management>", both+`remove=red,blue append=red,blue logical-lock=red append_only=red replace=red,blue empty_remove=red default=red child_multi=red,blue numeric=12,true,null`)
	own := `remove=blue append=red,blue,green logical-lock=blue append_only=red,green replace=green empty_remove= default=red,blue child_multi=yellow numeric=12,true,null,13 orphan_remove=*`
	shows("all", "<member>", both+own)
	r.hold(root, exchange{"DetachPolicy", `{"PolicyId":"<policy1>","TargetId":"<root>"}`, ""})
	shows("without the first", "<member>", `orphan_remove=* remove=* append=blue,green same_append_assign=blue cannot_unlock=green same_append_remove=* same_assign_lists=blue,green `+
		`logical-lock=blue same_append=blue same_assign=blue append_only=green replace=green empty_remove=* same_assign_append=blue lock=green same_remove=* intersection=* `+
		`default=blue child_multi=yellow same_remove_append=red numeric=12,13`)
	// What is attached anew is the last.
	r.hold(root, exchange{"AttachPolicy", `{"PolicyId":"<policy1>","TargetId":"<root>"}`, ""})
	shows("with it again", "<member>", strings.NewReplacer("same_assign_lists=red,blue", "same_assign_lists=blue,green", "same_append=red,blue", "same_append=blue,red",
		"same_assign=red", "same_assign=blue").Replace(both)+own)
}

// TestRecordedControls: resource control policies, as they are written and taken.
func TestRecordedControls(t *testing.T) {
	_, r, root, _ := inObserved(t)
	const kind = "RESOURCE_CONTROL_POLICY"
	base := map[string]string{"Effect": `"Deny"`, "Principal": `"*"`, "Action": `"sqs:SendMessage"`, "Resource": `"arn:aws:sqs:us-east-1:222222222222:Q"`}
	order := []string{"Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"}
	for i, c := range []struct{ version, without, key, value, kept string }{
		{"2012-10-17", "", "", "", "2012-10-17"},
		{"", "", "", "", "2008-10-17"},
		{"2008-10-17", "", "", "", "2008-10-17"},
		{"2012-10-17", "", "Effect", `"Allow"`, ""},
		{"2012-10-17", "", "Action", `"*"`, ""},
		{"2012-10-17", "", "Action", `"unknownservice:Read"`, ""},
		{"2012-10-17", "", "Action", `"iam:CreateUser"`, ""},
		{"2012-10-17", "", "Action", `"sqs:NoSuchAction"`, "2012-10-17"},
		{"2012-10-17", "", "Action", `"SQS:SendMessage"`, "2012-10-17"},
		{"2012-10-17", "", "Principal", `{"AWS":"*"}`, "2012-10-17"},
		{"2012-10-17", "", "Principal", `["*"]`, ""},
		{"2012-10-17", "", "Principal", `{"AWS":"arn:aws:iam::222222222222:root"}`, ""},
		{"2012-10-17", "Action", "NotAction", `"sqs:SendMessage"`, ""},
		{"2012-10-17", "Principal", "NotPrincipal", `"*"`, ""},
		{"2012-10-17", "Resource", "NotResource", `"arn:aws:sqs:us-east-1:222222222222:Q"`, "2012-10-17"},
	} {
		var list []string
		for _, key := range order {
			v := base[key]
			if key == c.key {
				v = c.value
			}
			if v != "" && key != c.without {
				list = append(list, `"`+key+`":`+v)
			}
		}
		statement := `{` + strings.Join(list, ",") + `}`
		text := `"Statement":` + statement + `}`
		if c.version != "" {
			text = `"Version":"` + c.version + `",` + text
		}
		name := fmt.Sprint("R", i)
		want := toldDocument
		if c.kept != "" {
			want = taken(fmt.Sprintf("<policy%d>", r.made["policy"]+1), kind, name, `{"Version":"`+c.kept+`","Statement":[`+statement+`]}`)
		}
		r.hold(root, exchange{"CreatePolicy", creates(kind, name, `{ `+text), want})
	}
	r.hold(root,
		exchange{"EnablePolicyType", `{"RootId":"<root>","PolicyType":"` + kind + `"}`, typesEnabled(kind+" PENDING_ENABLE", "SERVICE_CONTROL_POLICY")},
		exchange{"ListRoots", `{}`, `{"Roots":[` + strings.TrimSuffix(strings.TrimPrefix(typesEnabled(kind, "SERVICE_CONTROL_POLICY"), `{"Root":`), `}`) + `]}`},
		exchange{"ListPoliciesForTarget", `{"TargetId":"<member>","Filter":"` + kind + `"}`, `{"Policies":[{"Arn":"arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess",` +
			`"AwsManaged":true,"Description":"Allows access to every resource","Id":"p-RCPFullAWSAccess","Name":"RCPFullAWSAccess","Type":"` + kind + `"}]}`},
		exchange{"AttachPolicy", `{"PolicyId":"<policy1>","TargetId":"<member>"}`, ""},
		exchange{"DeletePolicy", `{"PolicyId":"<policy1>"}`, "PolicyInUseException: The specified policy is in use and cannot be deleted."},
		exchange{"DetachPolicy", `{"PolicyId":"<policy1>","TargetId":"<member>"}`, ""},
		exchange{"DeletePolicy", `{"PolicyId":"<policy1>"}`, ""},
		exchange{"DescribePolicy", `{"PolicyId":"p-FullAWSAccess"}`, `{"Policy":{"Content":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}",` +
			`"PolicySummary":{"Arn":"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess","AwsManaged":true,"Description":"Allows access to every operation","Id":"p-FullAWSAccess","Name":"FullAWSAccess","Type":"SERVICE_CONTROL_POLICY"}}}`},
	)
}

// TestRecordedDelegation: what a delegation policy may say, and its life.
func TestRecordedDelegation(t *testing.T) {
	_, r, root, member := inObserved(t)
	makeRole(t, member, "Own", trusting(member.Account))
	const (
		none    = "ResourcePolicyNotFoundException: No resource-based policy found."
		invalid = "InvalidInputException INVALID_RESOURCE_POLICY_JSON: This resource-based policy contains invalid JSON."
		where   = `"arn:aws:organizations::<management>:policy/<organization>/service_control_policy/*"`
		who     = `"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<member>:role/Own"}}`
		account = `{"AWS":"arn:aws:iam::<member>:root"}`
	)
	says := func(effect, principal, action, resource, condition string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":` + action + `,"Resource":` + resource + `,` + condition + `}`
	}
	versioned := func(version, statement string) string {
		return `{"Version":"` + version + `","Statement":[` + statement + `]}`
	}
	puts := func(content, tags string) string { return `{"Content":` + quoted(r.actual(content)) + tags + `}` }
	put := func(content string) string {
		return `{"ResourcePolicy":{"Content":` + quoted(content) + `,"ResourcePolicySummary":{"Arn":"arn:aws:organizations::<management>:resourcepolicy/<organization>/<delegation1>","Id":"<delegation1>"}}}`
	}
	base := versioned("2012-10-17", says("Allow", `{"AWS":"<member>"}`, `"organizations:DescribePolicy"`, where, who))
	kept := versioned("2012-10-17", says("Allow", account, `"organizations:DescribePolicy"`, where, who))
	r.hold(root,
		exchange{"DeleteResourcePolicy", `{}`, none},
		exchange{"PutResourcePolicy", puts(base, `,"Tags":[{"Key":"team","Value":"own"}]`), put(kept)},
		exchange{"DescribeResourcePolicy", `{}`, put(kept)},
		exchange{"ListTagsForResource", `{"ResourceId":"<delegation1>"}`, `{"Tags":[{"Key":"team","Value":"own"}]}`},
		exchange{"PutResourcePolicy", puts(base, `,"Tags":[]`), put(kept)},
		exchange{"PutResourcePolicy", puts(base, `,"Tags":[{"Key":"another","Value":"rejected"}]`),
			"ConstraintViolationException UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED: Adding tags on updating an existing resource-based policy is not supported."},
	)
	unsupported := func(action string) string {
		return "InvalidInputException UNSUPPORTED_ACTION_IN_RESOURCE_POLICY: " + action + " is not a supported action for this resource-based policy."
	}
	type change struct{ effect, principal, action, resource, condition, want string }
	for _, c := range []change{
		{effect: "Deny"}, {principal: `"*"`}, {principal: `{"AWS":"*"}`}, {principal: `{"AWS":"arn:aws:iam::<member>:role/Own"}`, want: invalid},
		{principal: `{"AWS":"arn:aws:iam::<management>:root"}`}, {principal: `{"AWS":"123456789012"}`, want: invalid}, {principal: `{"Service":"kms.amazonaws.com"}`},
		{action: `"organizations:ListAccounts"`}, {action: `"organizations:EnablePolicyType"`}, {action: `"organizations:Describe*"`},
		{action: `"organizations:DescribeResponsibilityTransfer"`}, {action: `"organizations:ListAccountsWithInvalidEffectivePolicy"`},
		{action: `"organizations:ListEffectivePolicyValidationErrors"`}, {action: `"organizations:ListInboundResponsibilityTransfers"`},
		{action: `"organizations:ListOutboundResponsibilityTransfers"`},
		{action: `"organizations:CreateAccount"`, want: unsupported("organizations:CreateAccount")}, {action: `"organizations:*"`, want: unsupported("organizations:*")},
		{action: `"s3:GetObject"`, want: unsupported("s3:GetObject")}, {resource: `"*"`},
		{condition: `"Condition":{"StringEquals":{"s3:prefix":"irrelevant"},"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<member>:role/Own"}}`},
		{condition: `"Condition":{"StringEquals":{"organizations:PolicyType":"SERVICE_CONTROL_POLICY"},"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::<member>:role/Own"}}`},
	} {
		or := func(s, other string) string {
			if s == "" {
				return other
			}
			return s
		}
		text := versioned("2012-10-17", says(or(c.effect, "Allow"), or(c.principal, account), or(c.action, `"organizations:DescribePolicy"`), or(c.resource, where), or(c.condition, who)))
		r.hold(root, exchange{"PutResourcePolicy", puts(text, ""), or(c.want, put(text))})
	}
	without := func(old, new string) string { return strings.Replace(base, old, new, 1) }
	r.hold(root,
		exchange{"PutResourcePolicy", puts(without(`"Action"`, `"NotAction"`), ""), invalid},
		exchange{"PutResourcePolicy", puts(without(`"Resource"`, `"NotResource"`), ""), invalid},
		exchange{"PutResourcePolicy", puts(without(`"Principal"`, `"NotPrincipal"`), ""), invalid},
		exchange{"PutResourcePolicy", puts(without(`"Version":"2012-10-17",`, ``), ""), put(strings.Replace(kept, "2012", "2008", 1))},
		exchange{"TagResource", `{"ResourceId":"<delegation1>","Tags":[{"Key":"more","Value":"v"}]}`, ""},
		exchange{"UntagResource", `{"ResourceId":"<delegation1>","TagKeys":["team"]}`, ""},
		exchange{"ListTagsForResource", `{"ResourceId":"<delegation1>"}`, `{"Tags":[{"Key":"more","Value":"v"}]}`},
		exchange{"DeleteResourcePolicy", `{}`, ""},
		exchange{"DescribeResourcePolicy", `{}`, none},
		exchange{"ListTagsForResource", `{"ResourceId":"<delegation1>"}`, toldNoTarget},
	)
}
