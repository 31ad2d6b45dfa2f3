package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/iam"
	"iamd/wire"
)

// credentialReportActions are the rows of the credential report.
func credentialReportActions() []Action {
	return []Action{
		write("GenerateCredentialReport", checkAnything[sdk.GenerateCredentialReportInput], (*API).generateCredentialReport),
		read("GetCredentialReport", checkAnything[sdk.GetCredentialReportInput], (*API).getCredentialReport),
	}
}

// generateCredentialReport makes a report when there is none that is still
// good. It is whole when the answer comes; AWS's first answer is STARTED, and
// clients ask again until it is COMPLETE.
func (a *API) generateCredentialReport(c *Call, _ *sdk.GenerateCredentialReportInput) (*sdk.GenerateCredentialReportOutput, error) {
	made, err := c.Draft.GenerateCredentialReport(a.credentialUse(c.Context, c.Account.ID))
	if err != nil {
		return nil, err
	}
	if !made {
		return &sdk.GenerateCredentialReportOutput{State: types.ReportStateTypeComplete}, nil
	}
	return &sdk.GenerateCredentialReportOutput{
		State: types.ReportStateTypeStarted, Description: aws.String("No report exists. Starting a new report generation task"),
	}, nil
}

// credentialUse reads when the keys and passwords of an account were used.
func (a *API) credentialUse(ctx context.Context, account string) iam.CredentialUse {
	return iam.CredentialUse{
		Key: func(keyID string) (at time.Time, service, region string, ok bool) {
			return a.usage.Key(ctx, account, keyID)
		},
		Login: func(id string) (at time.Time, ok bool) { return a.usage.Login(ctx, account, id) },
	}
}

func (a *API) getCredentialReport(c *Call, _ *sdk.GetCredentialReportInput) (*sdk.GetCredentialReportOutput, error) {
	report, err := c.Account.CredentialReport()
	var refused *iam.Error
	if errors.As(err, &refused) {
		// Both that there is none and that it has expired are 410.
		return nil, &wire.Error{Code: refused.Code, Message: refused.Message, Status: http.StatusGone}
	}
	if err != nil {
		return nil, err
	}
	return &sdk.GetCredentialReportOutput{
		Content: report.Content, GeneratedTime: aws.Time(report.Generated), ReportFormat: types.ReportFormatTypeTextCsv,
	}, nil
}
