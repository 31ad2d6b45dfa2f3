package api

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/guard"
	"iamd/iam"
	"iamd/org"
)

// oneOrganization is a store of one organization that nobody changes.
type oneOrganization struct {
	org.Store
	*org.Organization
}

func (o oneOrganization) View(context.Context, string) (*org.Organization, error) {
	return o.Organization, nil
}

// TestOneOrganizationReport: an account has one report made at a time, whoever
// asks, and who is refused holds nobody up.
func TestOneOrganizationReport(t *testing.T) {
	d := org.New(&org.Env{Now: time.Now, Rand: seeded{}, Quotas: org.DefaultQuotas()}, "o-aaaaaaaaaa").Draft()
	d.Begin(org.AllFeatures, org.Account{ID: "111122223333"})
	o, _ := d.Seal()
	g, err := guard.New(guard.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a := &API{cfg: Config{Organizations: oneOrganization{Organization: o}, Rand: seeded{}, Guard: g}}
	account := &iam.Account{ID: "111122223333"}
	account.Organization = o.ID
	ask := func() error {
		c := &Call{Context: t.Context(), Home: account.ID, Account: account, Caller: &guard.Caller{}, api: a}
		return a.prepareOrganizationReport(c, &sdk.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(o.ID + "/" + o.Root.ID)})
	}
	a.reporting.Store(account.ID, true)
	for range 2 {
		var refused *iam.Error
		if err := ask(); !errors.As(err, &refused) || refused.Code != "ReportGenerationLimitExceeded" || refused.Message != "Maximum number of concurrent jobs exceeded" {
			t.Errorf("got %v", err)
		}
		if got := refusalOf(refused).Status; got != 409 {
			t.Errorf("status %d", got)
		}
	}
	a.reporting.Delete(account.ID)
	for range 2 { // each leaves room for the next
		if err := ask(); err != nil {
			t.Error(err)
		}
	}
}

// seeded is all the randomness that is needed here.
type seeded struct{}

func (seeded) Read(p []byte) (int, error) { return len(p), nil }
