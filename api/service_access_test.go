package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

const (
	trail  = "cloudtrail.amazonaws.com"
	iamAWS = "iam.amazonaws.com"
)

// hiddenText is what Organizations says to whoever may not.
const hiddenText = "You don't have permissions to access this resource."

func trustService(t testing.TB, root *clients, services ...string) {
	t.Helper()
	for _, s := range services {
		if _, err := root.Organizations.EnableAWSServiceAccess(context.Background(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(s)}); err != nil {
			t.Fatal(err)
		}
	}
}

// trusted lists the services with trusted access, a page of one at a time.
func trusted(t testing.TB, c *clients) string {
	t.Helper()
	var list []string
	in := &organizations.ListAWSServiceAccessForOrganizationInput{MaxResults: aws.Int32(1)}
	for pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(c.Organizations, in); pages.HasMorePages(); {
		out, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.EnabledServicePrincipals) > 1 {
			t.Errorf("%d on a page of one", len(out.EnabledServicePrincipals))
		}
		for _, s := range out.EnabledServicePrincipals {
			if s.DateEnabled == nil {
				t.Errorf("%s has no date", *s.ServicePrincipal)
			}
			list = append(list, *s.ServicePrincipal)
		}
	}
	return strings.Join(list, " ")
}

func serviceAccessCases() []actionCase {
	trusting := func(t *testing.T, root *clients, made map[string]string) {
		inNewOrganization(t, root, made)
		trustService(t, root, trail, iamAWS)
	}
	return []actionCase{
		{
			action: "EnableAWSServiceAccess", setup: inNewOrganization,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String(trail)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) { same(t, "trusted", trusted(t, root), trail) },
			grants: []grant{{"organizations:EnableAWSServiceAccess", "*"}},
			key:    "organizations:ServicePrincipal", holds: trail, other: iamAWS,
		},
		{
			action: "DisableAWSServiceAccess", setup: trusting,
			call: func(ctx context.Context, c *clients, _ map[string]string) error {
				_, err := c.Organizations.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: aws.String(trail)})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) { same(t, "trusted", trusted(t, root), iamAWS) },
			grants: []grant{{"organizations:DisableAWSServiceAccess", "*"}},
			key:    "organizations:ServicePrincipal", holds: trail, other: iamAWS,
		},
		{
			action: "ListAWSServiceAccessForOrganization", setup: trusting,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.Organizations.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{})
				if err == nil {
					for _, s := range out.EnabledServicePrincipals {
						made["listed"] += *s.ServicePrincipal + " "
					}
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "listed", made["listed"], trail+" "+iamAWS+" ")
				same(t, "by pages", trusted(t, root), trail+" "+iamAWS)
				_, err := root.Organizations.ListAWSServiceAccessForOrganization(t.Context(), &organizations.ListAWSServiceAccessForOrganizationInput{NextToken: aws.String("x")})
				wantError(t, "a token of somebody's", err, "InvalidInputException", "You specified an invalid value for nextToken.")
			},
			grants: []grant{{"organizations:ListAWSServiceAccessForOrganization", "*"}},
		},
	}
}
