package console

import (
	"net/http"
	"strings"

	"iamd/guard"
)

// permissionsRow tells, for buttons, which of some actions the caller would be
// denied whatever the request says. It is advice about the caller's own rights,
// which the caller could find by trying; it changes nothing, writes no history, and
// the server decides again when an action is called.
func permissionsRow() row {
	return row{http.MethodPost, "permissions", func(c *Console, k *call, w http.ResponseWriter) error {
		in := new(permissionsInput)
		if err := c.authenticate(k, w, in); err != nil {
			return err
		}
		var err error
		if k.Account, err = c.cfg.Accounts.View(k, k.Caller.Account); err != nil {
			return err
		}
		out, err := c.permissions(k, in)
		if err != nil {
			return err
		}
		return encode(w, out)
	}}
}

type permissionsInput struct {
	Checks []permissionCheck `json:"checks"`
}

type permissionCheck struct {
	Action   string `json:"action"`   // "iam:CreateUser"
	Resource string `json:"resource"` // an ARN, or "*" for any
}

// permissionsOutput has an answer for each check, in their order.
type permissionsOutput struct {
	Allowed []bool `json:"allowed"`
}

const maxPermissionChecks = 50

func (c *Console) permissions(k *call, in *permissionsInput) (*permissionsOutput, error) {
	if len(in.Checks) == 0 || len(in.Checks) > maxPermissionChecks {
		return nil, badInput("Ask for 1 to 50 actions.")
	}
	out := &permissionsOutput{Allowed: make([]bool, len(in.Checks))}
	for i, check := range in.Checks {
		service, name, ok := strings.Cut(check.Action, ":")
		if !ok || service == "" || name == "" || check.Resource == "" {
			return nil, badInput("An action is named like iam:CreateUser, a resource by its ARN, or *.")
		}
		out.Allowed[i] = !c.cfg.Guard.Hopeless(k.Caller, k.Account, guard.Check{
			Action: check.Action, Resource: check.Resource, Account: ownerOf(check.Resource),
		})
	}
	return out, nil
}

// ownerOf is the account in an ARN; "", the caller's own, for others.
func ownerOf(resource string) string {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 || parts[4] == "aws" {
		return ""
	}
	return parts[4]
}
