package portable_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"iamd/iam"
	"iamd/server"
)

const (
	userA  = `{"UserName":"a","UserId":"AIDAAAAAAAAAAAAAAAAA1","Path":"/"%s}`
	groupA = `{"GroupName":"a","GroupId":"AGPAAAAAAAAAAAAAAAAA1","Path":"/"%s}`
	roleA  = `{"RoleName":"a","RoleId":"AROAAAAAAAAAAAAAAAAA1","Path":"/","AssumeRolePolicyDocument":%s}`
	pureA  = `{"PolicyName":"a","PolicyId":"ANPAAAAAAAAAAAAAAAAA1","Path":"/","DefaultVersionId":"v1","PolicyVersionList":[%s]}`
	trusts = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{%s},"Action":"sts:AssumeRole"}]}`
)

// account is an export of one account with some members.
func account(id string, members ...string) string {
	text := fmt.Sprintf(`{"AccountId":"%s","AccountName":"x","RootUser":{}`, id)
	for _, m := range members {
		text += "," + m
	}
	return `{"iamd":"export","version":1,"secrets":false,"accounts":[` + text + `}]}`
}

func users(list ...string) string  { return `"UserDetailList":[` + strings.Join(list, ",") + `]` }
func groups(list ...string) string { return `"GroupDetailList":[` + strings.Join(list, ",") + `]` }
func roles(list ...string) string  { return `"RoleDetailList":[` + strings.Join(list, ",") + `]` }
func papers(list ...string) string { return `"Policies":[` + strings.Join(list, ",") + `]` }

func with(form string, more ...any) string { return fmt.Sprintf(form, more...) }

// TestHostile: files that nobody wrote in good faith are refused in AWS's words, and
// leave nothing behind.
func TestHostile(t *testing.T) {
	w := begin(t, first, newRing())
	fill(t, w, w.root(), first)
	mine := w.export(t, server.ExportOptions{Account: first})
	bob := idIn(t, mine, `"UserId": "(AIDA\w+)"`)
	gone := idIn(t, mine, `(AIDA\w+)\\"},\\"Action`)
	before := w.export(t, server.ExportOptions{Secrets: true})
	const other, victim = "444455556666", "888899990000"
	ok := with(trusts, `"Service":"ec2.amazonaws.com"`)
	v1 := `{"VersionId":"v1","IsDefaultVersion":true,"Document":%s}`
	deep := strings.Repeat("[", 20000)
	for name, c := range map[string]struct{ text, code, part string }{
		"a user twice":       {account(other, users(with(userA, ""), `{"UserName":"A","UserId":"AIDAAAAAAAAAAAAAAAAA2","Path":"/"}`)), iam.CodeEntityAlreadyExists, "User with name A already exists."},
		"a unique id twice":  {account(other, users(with(userA, ""), `{"UserName":"b","UserId":"AIDAAAAAAAAAAAAAAAAA1","Path":"/"}`)), iam.CodeEntityAlreadyExists, "is there twice"},
		"a group twice":      {account(other, groups(with(groupA, ""), `{"GroupName":"A","GroupId":"AGPAAAAAAAAAAAAAAAAA2","Path":"/"}`)), iam.CodeEntityAlreadyExists, "Group with name A"},
		"a role twice":       {account(other, roles(with(roleA, ok), strings.Replace(with(roleA, ok), "AROAA", "AROAB", 1))), iam.CodeEntityAlreadyExists, "Role with name a"},
		"another's user id":  {account(other, users(`{"UserName":"a","UserId":"`+bob+`","Path":"/"}`)), iam.CodeEntityAlreadyExists, "stands for somebody of another account"},
		"a dead user's id":   {account(other, users(`{"UserName":"a","UserId":"`+gone+`","Path":"/"}`)), iam.CodeEntityAlreadyExists, "stands for somebody of another account"},
		"an id of a role":    {account(other, users(strings.Replace(with(userA, ""), "AIDA", "AROA", 1))), iam.CodeValidation, "begins with AIDA"},
		"an id of anything":  {account(other, users(strings.Replace(with(userA, ""), "AIDA", "*", 1))), iam.CodeValidation, "unique id"},
		"another's ARN":      {account(other, users(with(userA, `,"Arn":"arn:aws:iam::`+first+`:user/a"`))), iam.CodeValidation, "is not that of the entity in account"},
		"another's policy":   {account(other, users(with(userA, `,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::`+first+`:policy/x/Paper"}]`))), iam.CodeNoSuchEntity, "not attachable"},
		"another's boundary": {account(other, users(with(userA, `,"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::`+first+`:policy/x/Paper"}`))), iam.CodeNoSuchEntity, "does not exist"},
		"a service's policy": {account(other, users(with(userA, `,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"}]`))), iam.CodePolicyNotAttachable, "not attachable"},
		"another's alias":    {account(other, `"AccountAlias":"alias-`+first+`"`), iam.CodeEntityAlreadyExists, "another account has its account alias"},
		"an account here":    {account(first, users(with(userA, ""))), iam.CodeEntityAlreadyExists, "holds more than its root user"},
		"a name":             {account(other, users(strings.Replace(with(userA, ""), `"a"`, `"a/../b"`, 1))), iam.CodeValidation, "1 validation error"},
		"a path":             {account(other, users(strings.Replace(with(userA, ""), `"/"`, `"x"`, 1))), iam.CodeValidation, "1 validation error"},
		"no group":           {account(other, users(with(userA, `,"GroupList":["b"]`))), iam.CodeNoSuchEntity, "The group with name b cannot be found."},
		"no trust":           {account(other, roles(with(roleA, `"x"`))), iam.CodeMalformedPolicy, "role a, trust policy: "},
		"trust in nobody":    {account(other, roles(with(roleA, with(trusts, `"AWS":"x"`)))), iam.CodeMalformedPolicy, "Invalid principal"},
		"trust in the deep":  {account(other, roles(with(roleA, `"`+deep+`"`))), iam.CodeMalformedPolicy, "role a"},
		"a hidden principal": {account(other, roles(strings.Replace(with(roleA, with(trusts, `"AWS":"arn:aws:iam::777766665555:user/u"`)), `"Path"`, `"PrincipalIds":{"arn:aws:iam::777766665555:user/u":"x"},"Path"`, 1))), iam.CodeValidation, "not the unique id"},
		"a false service":    {account(other, roles(strings.Replace(strings.Replace(with(roleA, with(trusts, `"AWS":"*"`)), `"Path":"/"`, `"Path":"/aws-service-role/ec2.amazonaws.com/"`, 1), `"RoleName":"a"`, `"RoleName":"AWSServiceRoleForX"`, 1))), iam.CodeInvalidInput, "reserved for service-linked roles"},
		"a policy":           {account(other, papers(with(pureA, with(v1, `{"Version":"2012-10-17"}`)))), iam.CodeMalformedPolicy, "policy a, version v1: "},
		"no such version":    {account(other, papers(strings.Replace(with(pureA, with(v1, allowS3)), `"DefaultVersionId":"v1"`, `"DefaultVersionId":"v2"`, 1))), iam.CodeValidation, "not among its versions"},
		"a version's name":   {account(other, papers(strings.ReplaceAll(with(pureA, with(v1, allowS3)), `"v1"`, `"v01"`))), iam.CodeValidation, "not a version's name"},
		"no version":         {account(other, papers(with(pureA, ""))), iam.CodeValidation, "has no version"},
		"an inline policy":   {account(other, users(with(userA, `,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":"{}"}]`))), iam.CodeMalformedPolicy, "inline policy p"},
		"a policy twice":     {account(other, users(with(userA, `,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":`+allowS3+`},{"PolicyName":"p","PolicyDocument":`+allowS3+`}]`))), iam.CodeEntityAlreadyExists, "is there twice"},
		"a costly password":  {account(other, users(with(userA, `,"LoginProfile":{"PasswordHash":"$argon2id$v=19$m=1048576,t=99,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`))), iam.CodeValidation, "hash is not one"},
		"a temporary key":    {account(other, users(with(userA, `,"AccessKeys":[{"AccessKeyId":"ASIAAAAAAAAAAAAAAAAA","Status":"Active"}]`))), iam.CodeValidation, "not the id of an access key"},
		"a far year":         {account(other, users(with(userA, `,"CreateDate":"9999-12-31T23:59:59-23:59"`))), iam.CodeInvalidInput, "too far away"},
		"a device of nobody": {account(other, `"MFADevices":[{"DeviceName":"m","Path":"/","User":"x"}]`), iam.CodeNoSuchEntity, "x cannot be found"},
		"tags that are one":  {account(other, users(with(userA, `,"Tags":[{"Key":"k","Value":"1"},{"Key":"K","Value":"2"}]`))), iam.CodeInvalidInput, "Duplicate tag keys"},
		"an application":     {account(other, `"Applications":[{"ClientId":"x","ApplicationId":"y","Name":"n","IamArn":"","UniqueId":"AIDAAAAAAAAAAAAAAAAA1","Authorizations":[]}]`, users(with(userA, ""))), "ValidationException", "ids are none"},
		"a strange number":   {account("../../etc"), iam.CodeInvalidInput, "12 digits"},
		"an unknown member":  {account(other, `"Backdoor":true`), iam.CodeInvalidInput, "Backdoor"},
		"another form":       {strings.Replace(account(other), `"version":1`, `"version":2`, 1), iam.CodeInvalidInput, "form 2"},
		"no version of it":   {`{"iamd":"export","accounts":[]}`, iam.CodeInvalidInput, "version must stand before"},
		"half of it":         {account(other)[:60], iam.CodeInvalidInput, "not whole"},
		"the deep":           {account(other, `"UserDetailList":`+deep), iam.CodeInvalidInput, "exceeded max depth"},
		"no file":            {`"x"`, iam.CodeInvalidInput, "neither an export"},
		"another JSON":       {`{"Users":[]}`, iam.CodeInvalidInput, "neither an export"},
		"pages of two":       {`{"UserDetailList":[` + with(userA, `,"Arn":"arn:aws:iam::`+other+`:user/a"`) + `,{"UserName":"b","UserId":"AIDAAAAAAAAAAAAAAAAA2","Path":"/","Arn":"arn:aws:iam::999900001111:user/b"}]}`, iam.CodeValidation, "is not that of the entity"},
		"China":              {`{"UserDetailList":[` + with(userA, `,"Arn":"arn:aws-cn:iam::`+other+`:user/a"`) + `]}`, iam.CodeValidation, "is not that of the entity"},
		"a stolen account":   {strings.TrimSuffix(account(victim), "}") + `,"organizations":[{"Id":"o-abcdefghij","FeatureSet":"ALL","MasterAccountId":"` + first + `","Root":{"Id":"r-abcd","Name":"Root"},"OrganizationalUnits":[],"Accounts":[{"Id":"` + first + `","Name":"x","ParentId":"r-abcd","JoinedMethod":"CREATED"}]}]}`, iam.CodeInvalidInput, "not among those that the file brings"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Import(t.Context(), strings.NewReader(c.text), server.ImportOptions{})
			refused(t, err, c.code, c.part)
		})
	}
	after := w.export(t, server.ExportOptions{Secrets: true})
	// Of "a stolen account" what was whole has come: an account of nothing.
	if !strings.HasPrefix(after, before[:strings.LastIndex(before, "\n}\n")]) || strings.Count(after, `"AccountId"`) != 2 {
		t.Errorf("something is left: %d accounts", strings.Count(after, `"AccountId"`))
	}
}

func idIn(t testing.TB, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s", pattern)
	}
	return found[1]
}

// endless is a file without an end.
type endless struct{ begin *strings.Reader }

func (e endless) Read(b []byte) (int, error) {
	if n, err := e.begin.Read(b); err == nil {
		return n, nil
	}
	return copy(b, bytes.Repeat([]byte(" "), len(b))), nil
}

// TestEndless: an account has a longest text.
func TestEndless(t *testing.T) {
	w := begin(t, first, newRing())
	_, err := w.Import(t.Context(), endless{strings.NewReader(account(second)[:70])}, server.ImportOptions{})
	refused(t, err, iam.CodeInvalidInput, "longer than")
}

// TestUnknownAWSPolicy: a policy of AWS's that the catalog does not have is left
// away where all it did was to allow, and denies everything where it may have
// denied.
func TestUnknownAWSPolicy(t *testing.T) {
	text := strings.Replace(recorded(t), `"Action": "example:Get*"`, `"Action": "example:Get*", "Sid": "x"`, 1)
	denies := strings.Replace(text, `"Effect": "Allow",
                                "Action": "example:Get*"`, `"Effect": "Deny",
                                "Action": "example:Get*"`, 1)
	if denies == text {
		t.Fatal("nothing was replaced")
	}
	for text, attached := range map[string]bool{text: false, denies: true} {
		w := begin(t, first, newRing())
		bringReal(t, w, text)
		if got := strings.Contains(w.export(t, server.ExportOptions{Account: real}), "AWSExampleRetiredReadOnly"); got != attached {
			t.Errorf("attached: %v", got)
		}
	}
}

// TestTakenAddress: an account whose root user's address another account has comes
// without it, and without the password that goes with it.
func TestTakenAddress(t *testing.T) {
	w := begin(t, first, newRing())
	text := strings.Replace(account(second), `"RootUser":{}`, `"RootUser":{"Email":"Root@`+first+`.example.com"}`, 1)
	done, err := w.Import(t.Context(), strings.NewReader(text), server.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := done.Accounts[0].Notes; len(n) != 1 || !strings.Contains(n[0].Why, "another account has the address") {
		t.Errorf("told %+v", n)
	}
	if text := w.export(t, server.ExportOptions{Account: second}); strings.Contains(text, "Email") {
		t.Error("the address has come")
	}
}
