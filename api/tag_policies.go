package api

import (
	"strings"

	"iamd/guard"
	"iamd/org"
)

// taggedBy is what actions of Organizations tag that don't name it, or name
// something else.
var taggedBy = map[string]string{
	"organizations:CreateAccount": "account", "organizations:CreateGovCloudAccount": "account", "organizations:InviteAccountToOrganization": "account",
	"organizations:CreateOrganizationalUnit": "ou", "organizations:CreatePolicy": "policy", "organizations:PutResourcePolicy": "resourcepolicy",
}

// keepTagPolicy refuses tags that the tag policy of the resource's account does
// not allow. The caller was admitted.
func (a *API) keepTagPolicy(c *Call, action *Action, need []guard.Check) error {
	if !action.Write {
		return nil
	}
	for _, check := range need {
		service, kind := taggedKind(check)
		if len(check.RequestTags) == 0 || service != action.Service {
			continue
		}
		o, err := a.organizationOf(c)
		if o == nil || err != nil {
			return err
		}
		account := c.Home
		if service == "organizations" {
			account = o.Management
		}
		if err := o.CheckTags(account, service, kind, check.RequestTags); err != nil {
			return err
		}
	}
	return nil
}

// organizationOf is the organization of the caller's account, or nil.
func (a *API) organizationOf(c *Call) (*org.Organization, error) {
	if c.Org != nil || c.Account == nil || c.Account.Organization == "" || a.cfg.Organizations == nil {
		return c.Org, nil
	}
	return a.cfg.Organizations.View(c.Context, c.Account.Organization)
}

// taggedKind is the service and the kind of what a check's tags are for, as its
// ARN has them.
func taggedKind(check guard.Check) (service, kind string) {
	service, _, _ = strings.Cut(check.Action, ":")
	if kind, ok := taggedBy[check.Action]; ok {
		return service, kind
	}
	part := strings.SplitN(check.Resource, ":", 6)
	if len(part) < 6 || service != "iam" && service != "organizations" {
		return "", ""
	}
	kind, _, _ = strings.Cut(part[5], "/")
	return service, kind
}
