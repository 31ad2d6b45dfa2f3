package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/guard"
	"iamd/iam"
)

// accountActions are the rows of the account as a whole.
func accountActions() []Action {
	return []Action{
		write("CreateAccountAlias", checkAnything[sdk.CreateAccountAliasInput], (*API).createAccountAlias),
		write("DeleteAccountAlias", checkAnything[sdk.DeleteAccountAliasInput], (*API).deleteAccountAlias),
		read("ListAccountAliases", checkAnything[sdk.ListAccountAliasesInput], (*API).listAccountAliases),

		read("GetAccountSummary", checkAnything[sdk.GetAccountSummaryInput], (*API).getAccountSummary),
		read("GetAccountAuthorizationDetails", checkAnything[sdk.GetAccountAuthorizationDetailsInput], (*API).getAccountAuthorizationDetails),

		read("GetAccountProperties", checkGetAccountProperties, (*API).getAccountProperties),
		write("PutAccountProperties", checkPutAccountProperties, (*API).putAccountProperties),
		write("SetSecurityTokenServicePreferences", checkAnything[sdk.SetSecurityTokenServicePreferencesInput], (*API).setSecurityTokenServicePreferences),
	}
}

func (a *API) createAccountAlias(c *Call, in *sdk.CreateAccountAliasInput) (*sdk.CreateAccountAliasOutput, error) {
	return &sdk.CreateAccountAliasOutput{}, c.Draft.CreateAccountAlias(aws.ToString(in.AccountAlias))
}

func (a *API) deleteAccountAlias(c *Call, in *sdk.DeleteAccountAliasInput) (*sdk.DeleteAccountAliasOutput, error) {
	return &sdk.DeleteAccountAliasOutput{}, c.Draft.DeleteAccountAlias(aws.ToString(in.AccountAlias))
}

func (a *API) listAccountAliases(c *Call, in *sdk.ListAccountAliasesInput) (*sdk.ListAccountAliasesOutput, error) {
	var have []string
	if c.Account.Alias != "" {
		have = []string{c.Account.Alias}
	}
	self := func(alias string) string { return alias }
	list, truncated, next, err := pageSlice(in.Marker, in.MaxItems, have, self, self)
	if err != nil {
		return nil, err
	}
	return &sdk.ListAccountAliasesOutput{AccountAliases: list, IsTruncated: truncated, Marker: next}, nil
}

func (a *API) getAccountSummary(c *Call, _ *sdk.GetAccountSummaryInput) (*sdk.GetAccountSummaryOutput, error) {
	out := &sdk.GetAccountSummaryOutput{SummaryMap: map[string]int32{}}
	for key, n := range c.Account.Summary() {
		out.SummaryMap[key] = int32(n)
	}
	return out, nil
}

// namespacesKey is the condition key of the namespaces that a request is about.
func namespacesKey(namespaces ...string) []guard.Key {
	return []guard.Key{{Name: "iam:AccountPropertyNamespaces", Values: namespaces, Many: true}}
}

func checkGetAccountProperties(_ *Call, action string, _ *sdk.GetAccountPropertiesInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Keys: namespacesKey(iam.RoleManagerNamespace)})
}

// checkPutAccountProperties asks for the properties and, when Role Manager is
// to be turned on, for its service-linked role, be that there already or not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_role-manager_enable-use.html
func checkPutAccountProperties(c *Call, action string, in *sdk.PutAccountPropertiesInput) ([]guard.Check, error) {
	var namespaces []string
	for _, key := range slices.Sorted(maps.Keys(in.Properties)) {
		namespace, _, _ := strings.Cut(key, "/")
		namespaces = append(namespaces, namespace)
	}
	put := guard.Check{Action: action, Resource: "*", Keys: namespacesKey(slices.Compact(namespaces)...)}
	if !iam.EnablesRoleManager(in.Properties) {
		return one(put)
	}
	return []guard.Check{put, serviceLinkedRoleCheck(c, "iam:CreateServiceLinkedRole", iam.RoleManagerService, iam.RoleManagerRoleName)}, nil
}

func (a *API) getAccountProperties(c *Call, _ *sdk.GetAccountPropertiesInput) (*sdk.GetAccountPropertiesOutput, error) {
	return &sdk.GetAccountPropertiesOutput{Properties: c.Account.Properties()}, nil
}

func (a *API) putAccountProperties(c *Call, in *sdk.PutAccountPropertiesInput) (*sdk.PutAccountPropertiesOutput, error) {
	return &sdk.PutAccountPropertiesOutput{}, c.Draft.PutProperties(in.Properties)
}

func (a *API) setSecurityTokenServicePreferences(c *Call, in *sdk.SetSecurityTokenServicePreferencesInput) (*sdk.SetSecurityTokenServicePreferencesOutput, error) {
	version := iam.TokenVersion1
	if in.GlobalEndpointTokenVersion == types.GlobalEndpointTokenVersionV2Token {
		version = iam.TokenVersion2
	}
	c.Draft.SetGlobalEndpointTokenVersion(version)
	return &sdk.SetSecurityTokenServicePreferencesOutput{}, nil
}
