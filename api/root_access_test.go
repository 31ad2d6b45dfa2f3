package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// rootFeature is one of the four actions that change a feature.
type rootFeature func(ctx context.Context, c *clients) ([]types.FeatureType, string, error)

func enableCredentials(ctx context.Context, c *clients) ([]types.FeatureType, string, error) {
	out, err := c.IAM.EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{})
	if err != nil {
		return nil, "", err
	}
	return out.EnabledFeatures, *out.OrganizationId, nil
}

func disableCredentials(ctx context.Context, c *clients) ([]types.FeatureType, string, error) {
	out, err := c.IAM.DisableOrganizationsRootCredentialsManagement(ctx, &iam.DisableOrganizationsRootCredentialsManagementInput{})
	if err != nil {
		return nil, "", err
	}
	return out.EnabledFeatures, *out.OrganizationId, nil
}

func enableSessions(ctx context.Context, c *clients) ([]types.FeatureType, string, error) {
	out, err := c.IAM.EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{})
	if err != nil {
		return nil, "", err
	}
	return out.EnabledFeatures, *out.OrganizationId, nil
}

func disableSessions(ctx context.Context, c *clients) ([]types.FeatureType, string, error) {
	out, err := c.IAM.DisableOrganizationsRootSessions(ctx, &iam.DisableOrganizationsRootSessionsInput{})
	if err != nil {
		return nil, "", err
	}
	return out.EnabledFeatures, *out.OrganizationId, nil
}

func features(ctx context.Context, c *clients) ([]types.FeatureType, string, error) {
	out, err := c.IAM.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
	if err != nil {
		return nil, "", err
	}
	return out.EnabledFeatures, *out.OrganizationId, nil
}

func enableFeatures(t testing.TB, root *clients) {
	t.Helper()
	for _, enable := range []rootFeature{enableCredentials, enableSessions} {
		if _, _, err := enable(context.Background(), root); err != nil {
			t.Fatal(err)
		}
	}
}

func rootAccessCases() []actionCase {
	const both = "[RootCredentialsManagement RootSessions]"
	feature := func(action string, enabled bool, call rootFeature, want string) actionCase {
		return actionCase{
			action: action,
			setup: func(t *testing.T, root *clients, made map[string]string) {
				inNewOrganization(t, root, made)
				trustService(t, root, iamAWS)
				if enabled {
					enableFeatures(t, root)
				}
			},
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				list, id, err := call(ctx, c)
				made["answer"], made["id"] = fmt.Sprint(list), id
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				list, id, err := features(t.Context(), root)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "organization", id, made["organization"])
				same(t, "organization in the answer", made["id"], made["organization"])
				same(t, "features", fmt.Sprint(list), want)
				same(t, "features in the answer", made["answer"], want)
			},
			grants: []grant{{"iam:" + action, "*"}},
		}
	}
	return []actionCase{
		feature("EnableOrganizationsRootCredentialsManagement", false, enableCredentials, "[RootCredentialsManagement]"),
		feature("DisableOrganizationsRootCredentialsManagement", true, disableCredentials, "[RootSessions]"),
		feature("EnableOrganizationsRootSessions", false, enableSessions, "[RootSessions]"),
		feature("DisableOrganizationsRootSessions", true, disableSessions, "[RootCredentialsManagement]"),
		feature("ListOrganizationsFeatures", true, features, both),
	}
}

// TestRootFeatures: whose accounts may look and change, in IAM's words.
func TestRootFeatures(t *testing.T) {
	w := newWorld(t)
	root, made, ctx := w.account(t), map[string]string{}, t.Context()
	actions := map[string]rootFeature{
		"enabling credentials": enableCredentials, "disabling credentials": disableCredentials,
		"enabling sessions": enableSessions, "disabling sessions": disableSessions, "listing": features,
	}
	all := func(c *clients, code, text string) {
		t.Helper()
		for what, call := range actions {
			_, _, err := call(ctx, c)
			wantError(t, what, err, code, text)
			same(t, "status", statusOf(err), 400)
		}
	}
	all(root, "OrganizationNotFoundException", "No organization found for input account "+root.Account+".")
	inNewOrganization(t, root, made)
	all(root, "ServiceAccessNotEnabledException", "Trusted Access for IAM not enabled by organization of input account "+root.Account+".")
	guest := w.guestOf(t, root)
	all(guest, "AccountNotManagementOrDelegatedAdministratorException", "Input account "+guest.Account+" is not the management account or a delegated administrator for IAM of the organization.")

	trustService(t, root, iamAWS, trail)
	register(t, root, guest.Account, trail)
	all(guest, "AccountNotManagementOrDelegatedAdministratorException", "Input account "+guest.Account)
	register(t, root, guest.Account, iamAWS)
	enableFeatures(t, root)
	if list, _, err := features(ctx, guest); err != nil || len(list) != 2 {
		t.Error(list, err)
	}
	_, _, err := enableSessions(ctx, guest)
	wantError(t, "enabling by the administrator", err, "CallerIsNotManagementAccountException", "Input account "+guest.Account+" is not the management account of the organization.")
	if list, _, err := disableSessions(ctx, guest); err != nil || len(list) != 1 {
		t.Error(list, err)
	}

	billing := w.account(t)
	if _, err := billing.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"}); err != nil {
		t.Fatal(err)
	}
	all(billing, "OrganizationNotInAllFeaturesModeException", "Organization of input account "+billing.Account+" does not have all features enabled.")
}
