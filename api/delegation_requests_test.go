package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	iamd "iamd/iam"
)

// readerTemplate lets the tags of one user be read, and the user be tagged.
const readerTemplate = "arn:aws:iam::aws:delegation-template/example.com/Reader"

// testTemplates are what the installation under test brings.
func testTemplates() iamd.TemplateFile {
	return iamd.TemplateFile{
		PolicyTemplates: []iamd.PolicyTemplate{{
			ARN: readerTemplate, Partner: "Example Corp",
			PolicyDocument: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUserTags","iam:TagUser"],"Resource":"arn:aws:iam::*:user/@{userName}"}]}`),
		}, {
			ARN: readerTemplate + "Elsewhere", Accounts: []string{"000000000000"},
			PolicyDocument: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`),
		}},
		RoleTemplates: []iamd.RoleTemplate{{
			TemplateARN: ownTemplate, TemplateName: "Own", MajorVersion: 1, Enabled: true, VersionEnabled: true, RoleNamePattern: "Own-@{RoleName}",
			TrustTemplate:         json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
			PermissionBoundaryARN: "arn:aws:iam::aws:policy/ReadOnlyAccess",
			RoleTagsTemplate:      []iamd.TagTemplate{{Key: "made-of", Value: "@{RoleName}"}},
			InlinePolicyTemplates: []iamd.InlinePolicyTemplate{{
				PolicyName: "in", PolicyDocument: json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`),
			}},
			Parameters: []iamd.TemplateParameter{{Name: "RoleName", Type: "String", IsRequired: true}}, MaxSessionDuration: 3600,
		}, {
			TemplateARN: ownTemplate[:len(ownTemplate)-1] + "2", Enabled: false, VersionEnabled: true, RoleNamePattern: "x", TrustTemplate: json.RawMessage(`{}`),
		}},
	}
}

// heard are the topics of the installation under test: what was published on
// each. It serves all servers of the tests, whose accounts are not the same.
var heard = &topics{messages: map[string][]news{}}

type topics struct {
	mu       sync.Mutex
	messages map[string][]news
	broken   map[string]bool
}

type news struct {
	Type, DelegationRequestId, RequestorWorkflowId, OwnerAccountId, State, RejectionReason, ExchangeToken string
	ExpirationTime                                                                                        time.Time
}

func (t *topics) Has(arn string) bool { return strings.HasSuffix(arn, ":delegations") }

func (t *topics) Publish(_ context.Context, arn string, message []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken[arn] {
		return errors.New("the topic is broken")
	}
	var n news
	if err := json.Unmarshal(message, &n); err != nil {
		return err
	}
	t.messages[arn] = append(t.messages[arn], n)
	return nil
}

func (t *topics) breakDown(arn string, broken bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = map[string]bool{arn: broken}
}

// last is the newest message of an account's topic.
func (t *topics) last(account string) news {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.messages[topicOf(account)]
	if len(list) == 0 {
		return news{}
	}
	return list[len(list)-1]
}

func topicOf(account string) string { return "arn:aws:sns:us-east-1:" + account + ":delegations" }

func askFor(account, user, workflow string) *iam.CreateDelegationRequestInput {
	return &iam.CreateDelegationRequestInput{
		Description: aws.String("Reads tags"), NotificationChannel: aws.String(topicOf(account)), RequestorWorkflowId: aws.String(workflow),
		SessionDuration: aws.Int32(3600), RequestMessage: aws.String("Please"), RedirectUrl: aws.String("https://example.com/back"),
		Permissions: &types.DelegationPermission{PolicyTemplateArn: aws.String(readerTemplate), Parameters: []types.PolicyParameter{
			{Name: aws.String("userName"), Type: types.PolicyParameterTypeEnumString, Values: []string{user}},
		}},
	}
}

// delegationUpTo makes a request of root's own account, with root for its owner,
// and takes it through some steps.
func delegationUpTo(steps ...string) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		out, err := root.IAM.CreateDelegationRequest(t.Context(), askFor(root.Account, "Ink", "workflow-0"))
		if err != nil {
			t.Fatal(err)
		}
		id := out.DelegationRequestId
		made["ID"], made["account"] = *id, root.Account
		if !strings.HasSuffix(*out.ConsoleDeepLink, "/console/#/iam/delegation-requests/"+*id) {
			t.Errorf("link %s", *out.ConsoleDeepLink)
		}
		for _, step := range steps {
			var err error
			switch step {
			case "associate":
				_, err = root.IAM.AssociateDelegationRequest(t.Context(), &iam.AssociateDelegationRequestInput{DelegationRequestId: id})
			case "accept":
				_, err = root.IAM.AcceptDelegationRequest(t.Context(), &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
			case "send":
				_, err = root.IAM.SendDelegationToken(t.Context(), &iam.SendDelegationTokenInput{DelegationRequestId: id})
			}
			if err != nil {
				t.Fatal(step, err)
			}
		}
	}
}

func delegationOf(t *testing.T, c *clients, id string) types.DelegationRequest {
	t.Helper()
	out, err := c.IAM.GetDelegationRequest(t.Context(), &iam.GetDelegationRequestInput{DelegationRequestId: aws.String(id)})
	if err != nil {
		t.Fatal(err)
	}
	return *out.DelegationRequest
}

func isIn(state types.StateType) func(t *testing.T, root *clients, made map[string]string) {
	return func(t *testing.T, root *clients, made map[string]string) {
		t.Helper()
		if got := delegationOf(t, root, made["ID"]).State; got != state {
			t.Errorf("the request is %s, want %s", got, state)
		}
	}
}

func delegationRequestCases() []actionCase {
	const (
		request = "arn:aws:iam::«ACCOUNT»:delegation-request/«ID»"
		key     = "iam:DelegationRequestOwner"
		owner   = "arn:aws:iam::${aws:PrincipalAccount}:root"
		other   = "arn:aws:iam::123456789012:root"
	)
	return []actionCase{{
		action: "CreateDelegationRequest",
		setup:  func(_ *testing.T, root *clients, made map[string]string) { made["account"] = root.Account },
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateDelegationRequest(ctx, askFor(made["account"], "Ink", "workflow-1"))
			if err == nil {
				made["ID"] = *out.DelegationRequestId
			}
			return err
		},
		effect: isIn(types.StateTypeUnassigned),
		grants: []grant{{"iam:CreateDelegationRequest", "arn:aws:iam::«ACCOUNT»:delegation-request/*"}},
		key:    "iam:TemplateArn", holds: readerTemplate, other: readerTemplate + "s",
	}, {
		action: "GetDelegationRequest", setup: delegationUpTo("associate"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.GetDelegationRequest(ctx, &iam.GetDelegationRequestInput{DelegationRequestId: aws.String(made["ID"])})
			return err
		},
		effect: isIn(types.StateTypeAssigned),
		grants: []grant{{"iam:GetDelegationRequest", request}}, key: key, holds: owner, other: other,
	}, {
		action: "ListDelegationRequests", setup: delegationUpTo("associate"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.ListDelegationRequests(ctx, &iam.ListDelegationRequestsInput{OwnerId: aws.String("arn:aws:iam::" + made["account"] + ":root")})
			if err == nil && (len(out.DelegationRequests) != 1 || *out.DelegationRequests[0].DelegationRequestId != made["ID"]) {
				return errors.New("the request is not listed")
			}
			return err
		},
		effect: isIn(types.StateTypeAssigned),
		grants: []grant{{"iam:ListDelegationRequests", "*"}}, key: key, holds: owner, other: other,
	}, {
		action: "GetHumanReadableSummary", setup: delegationUpTo("associate"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.GetHumanReadableSummary(ctx, &iam.GetHumanReadableSummaryInput{
				EntityArn: aws.String("arn:aws:iam::" + made["account"] + ":delegation-request/" + made["ID"]),
			})
			if err == nil && (out.SummaryState != types.SummaryStateTypeAvailable || *out.Locale != "en" ||
				!strings.Contains(*out.SummaryContent, "It may call iam:ListUserTags, iam:TagUser on arn:aws:iam::*:user/Ink.")) {
				return errors.New("the summary is not of the request")
			}
			return err
		},
		effect: isIn(types.StateTypeAssigned),
		grants: []grant{{"iam:GetHumanReadableSummary", request}}, key: key, holds: owner, other: other,
	}, {
		action: "AssociateDelegationRequest", setup: delegationUpTo(),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: aws.String(made["ID"])})
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			got := delegationOf(t, root, made["ID"])
			if got.State != types.StateTypeAssigned || *got.OwnerId != "arn:aws:iam::"+root.Account+":user/caller" || *got.OwnerAccountId != root.Account {
				t.Errorf("owner %+v", got)
			}
		},
		grants: []grant{{"iam:AssociateDelegationRequest", request}},
		key:    key, holds: "arn:aws:iam::${aws:PrincipalAccount}:user/caller", other: other,
	}, {
		action: "UpdateDelegationRequest", setup: delegationUpTo("associate"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.UpdateDelegationRequest(ctx, &iam.UpdateDelegationRequestInput{DelegationRequestId: aws.String(made["ID"]), Notes: aws.String("For the boss")})
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			if got := delegationOf(t, root, made["ID"]); got.State != types.StateTypePendingApproval || *got.Notes != "For the boss" {
				t.Errorf("updated %+v", got)
			}
		},
		grants: []grant{{"iam:UpdateDelegationRequest", request}}, key: key, holds: owner, other: other,
	}, {
		action: "AcceptDelegationRequest", setup: delegationUpTo("associate"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: aws.String(made["ID"])})
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			if got := delegationOf(t, root, made["ID"]); got.State != types.StateTypeAccepted || *got.ApproverId != "arn:aws:iam::"+root.Account+":user/caller" {
				t.Errorf("accepted %+v", got)
			}
			if got := heard.last(root.Account); got.Type != "StateChange" || got.State != "ACCEPTED" || got.ExchangeToken != "" {
				t.Errorf("heard %+v", got)
			}
		},
		grants: []grant{{"iam:AcceptDelegationRequest", request}}, key: key, holds: owner, other: other,
	}, {
		action: "RejectDelegationRequest", setup: delegationUpTo("associate", "accept"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.RejectDelegationRequest(ctx, &iam.RejectDelegationRequestInput{DelegationRequestId: aws.String(made["ID"]), Notes: aws.String("Too much")})
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			if got := delegationOf(t, root, made["ID"]); got.State != types.StateTypeRejected || *got.RejectionReason != "Too much" {
				t.Errorf("rejected %+v", got)
			}
			if got := heard.last(root.Account); got.State != "REJECTED" || got.RejectionReason != "Too much" {
				t.Errorf("heard %+v", got)
			}
		},
		grants: []grant{{"iam:RejectDelegationRequest", request}}, key: key, holds: owner, other: other,
	}, {
		action: "SendDelegationToken", setup: delegationUpTo("associate", "accept"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			_, err := c.IAM.SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: aws.String(made["ID"])})
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			isIn(types.StateTypeFinalized)(t, root, made)
			if got := heard.last(root.Account); got.Type != "ExchangeToken" || got.ExchangeToken == "" || got.RequestorWorkflowId != "workflow-0" {
				t.Errorf("heard %+v", got)
			}
		},
		grants: []grant{{"iam:SendDelegationToken", request}}, key: key, holds: owner, other: other,
	}, {
		action: "GetDelegatedAccessToken", setup: delegationUpTo("associate", "accept", "send"),
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.STS.GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String(heard.last(made["account"]).ExchangeToken)})
			if err == nil {
				made["key"], made["secret"], made["token"] = *out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			w := &world{url: *root.IAM.Options().BaseEndpoint}
			who, err := w.as(root.Account, made["key"], made["secret"], made["token"]).STS.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			if err != nil || *who.Arn != "arn:aws:iam::"+root.Account+":root" {
				t.Errorf("the credentials are %v's: %v", who, err)
			}
		},
		grants: []grant{{"sts:GetDelegatedAccessToken", "*"}},
	}}
}
