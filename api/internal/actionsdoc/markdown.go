package actionsdoc

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/api"
	"iamd/catalog"
)

// further are the actions that a call is asked for beside its own, when it
// brings tags, or a source identity, passes a role, or turns on what makes one.
var further = map[string][]string{
	"iam:AddRoleToInstanceProfile": {"iam:PassRole"},
	"iam:CreateInstanceProfile":    {"iam:TagInstanceProfile"},
	"iam:PutAccountProperties":     {"iam:CreateServiceLinkedRole"},

	"iam:CreateVirtualMFADevice": {"iam:TagMFADevice"},

	"iam:CreatePolicy":            {"iam:TagPolicy"},
	"iam:UploadServerCertificate": {"iam:TagServerCertificate"},
	"iam:CreateSAMLProvider":      {"iam:TagSAMLProvider"},
	"iam:CreateRole":              {"iam:TagRole"},

	"iam:CreateOpenIDConnectProvider": {"iam:TagOpenIDConnectProvider"},

	"iam:CreateUser":         {"iam:TagUser"},
	"sts:AssumeRole":         {"sts:SetSourceIdentity", "sts:TagSession"},
	"sts:AssumeRoleWithSAML": {"sts:SetSourceIdentity", "sts:TagSession"},

	"sts:AssumeRoleWithWebIdentity": {"sts:SetSourceIdentity", "sts:TagSession"},

	"sts:GetFederationToken": {"sts:TagSession"},

	"sts:GetWebIdentityToken": {"sts:TagGetWebIdentityToken"},

	"organizations:AcceptHandshake":             {"organizations:LeaveOrganization"},
	"organizations:CreateAccount":               {"organizations:TagResource"},
	"organizations:CreateGovCloudAccount":       {"organizations:TagResource"},
	"organizations:InviteAccountToOrganization": {"organizations:TagResource"},

	"organizations:InviteOrganizationToTransferResponsibility": {"organizations:TagResource"},

	"organizations:CreateOrganizationalUnit": {"organizations:TagResource"},
	"organizations:CreatePolicy":             {"organizations:TagResource"},
	"organizations:PutResourcePolicy":        {"organizations:TagResource"},
}

// Asks gives the actions that policies may be asked for by one call: its own,
// then those that depend on what it brings. An open action asks for none.
func Asks(row api.Action) []string {
	if row.Open {
		return nil
	}
	if row.IAMAction() == "iam:AcquireRole" {
		// AWS asks for what it is made of, and not for itself.
		return []string{"iam:GetRoleTemplateVersion", "iam:AttachRolePolicy", "iam:CreateRole", "iam:GetRole", "iam:PutRolePolicy", "iam:TagRole"}
	}
	return append([]string{row.IAMAction()}, further[row.IAMAction()]...)
}

// services are those that the table is about.
var services = []struct {
	prefix, name string
	client       reflect.Type
}{
	{"iam", "Identity and Access Management", reflect.TypeFor[*iam.Client]()},
	{"sts", "Security Token Service", reflect.TypeFor[*sts.Client]()},
	{"organizations", "Organizations", reflect.TypeFor[*organizations.Client]()},
	{"access-analyzer", "IAM Access Analyzer", reflect.TypeFor[*accessanalyzer.Client]()},
	{"cloudtrail", "CloudTrail", reflect.TypeFor[*cloudtrail.Client]()},
}

const head = `# Actions

Generated from the table of actions by ` + "`go generate ./api`" + `; a test fails when this file is out of date.

- **Asks for** is what policies must allow. What stands in brackets is asked for too when the call brings tags (of an
  entity or a session) or a source identity, passes a role, or turns on what makes a service-linked role. "nothing" marks the actions that AWS leaves open to every caller.
- **Resource types** and **condition keys** are AWS's, from its Service Authorization Reference. A star is its mark of a
  required type, of which a call names one; without resource types only ` + "`*`" + ` matches. The global keys
  (` + "`aws:SourceIp`" + ` and so on) come on top. A key for which a request brings no value, such as those of identity providers, is absent from its context.
- **Kind**: a *write* commits a change, of the caller's account or of its organization, before it is answered; a *read* commits nothing.
- **Test** is run by ` + "`go test ./api -run 'TestActions/NAME-'`" + `: the call is made by a user who is allowed just what it asks
  for, its effect read back through another action, and it is refused once any of it is taken away, given for another
  resource, or given under another condition.
`

// Markdown is the content of docs/actions.md.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(head)
	rows := api.Actions()
	slices.SortFunc(rows, func(a, b api.Action) int { return cmp.Compare(a.Name, b.Name) })
	for _, s := range services {
		var served []string
		for _, row := range rows {
			if row.Service == s.prefix {
				served = append(served, row.Name)
			}
		}
		all := operations(s.client)
		fmt.Fprintf(&b, "\n## %s: %d of %d\n\n", s.name, len(served), len(all))
		b.WriteString("| Action | Asks for | Resource types | Condition keys | Kind | Test |\n| --- | --- | --- | --- | --- | --- |\n")
		for _, row := range rows {
			if row.Service == s.prefix {
				line(&b, row)
			}
		}
		absent := slices.DeleteFunc(all, func(name string) bool { return slices.Contains(served, name) })
		if len(absent) == 0 {
			continue
		}
		b.WriteString("\nNot served (answered with `" + unserved(s.prefix) + "`):\n")
		for _, name := range absent {
			b.WriteString("`" + name + "`\n")
		}
	}
	return b.Bytes()
}

// test is the name that a row's case runs under: its own, with the service where
// IAM has an action of the same name.
func test(row api.Action) string {
	twin := func(other api.Action) bool { return other.Name == row.Name && other.Service != row.Service }
	if row.Service == "organizations" && slices.ContainsFunc(api.Actions(), twin) {
		return row.IAMAction()
	}
	return row.Name
}

// unserved is the code that answers an action that is not in the table.
func unserved(service string) string {
	if service == "iam" || service == "sts" {
		return "InvalidAction"
	}
	return "UnknownOperationException"
}

// operations are the names of a client's calls, in order.
func operations(client reflect.Type) []string {
	var names []string
	for m := range client.Methods() {
		if m.Name != "Options" {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

func line(b *bytes.Buffer, row api.Action) {
	kind := "read"
	if row.Write {
		kind = "write"
	}
	asks := "nothing"
	if list := Asks(row); len(list) > 0 {
		asks = "`" + list[0] + "`"
		if len(list) > 1 {
			asks += " (" + code(list[1:]) + ")"
		}
	}
	resources, keys := reference(row)
	fmt.Fprintf(b, "| `%s:%s` | %s | %s | %s | %s | `TestActions/%s-` |\n", row.Service, row.Name, asks, resources, keys, kind, test(row))
}

// reference is what AWS says about an action: its resource types and its
// condition keys, those of the resource types for this action among them.
func reference(row api.Action) (resources, keys string) {
	service, ok := catalog.Service(row.Service)
	if !ok {
		return "", ""
	}
	action, ok := service.Action(row.Name)
	if !ok {
		return "", ""
	}
	var types []string
	names := slices.Clone(action.ConditionKeys)
	for _, r := range action.ResourceTypes {
		name := "`" + r.Name + "`"
		if r.Required {
			name += "\\*"
		}
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
		names = append(names, r.ConditionKeys...)
	}
	slices.Sort(names)
	return strings.Join(types, " "), code(slices.Compact(names))
}

func code(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	return strings.Join(quoted, " ")
}
