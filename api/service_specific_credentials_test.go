package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"iamd/wire"
)

var (
	codeCommit = aws.String("codecommit.amazonaws.com")
	bedrock    = aws.String("bedrock.amazonaws.com")
)

// makeServiceCredential is makeEntities with a CodeCommit credential of user
// Ink.
func makeServiceCredential(t *testing.T, root *clients, made map[string]string) {
	t.Helper()
	makeEntities(t, root, made)
	out, err := root.IAM.CreateServiceSpecificCredential(t.Context(), &iam.CreateServiceSpecificCredentialInput{UserName: ink, ServiceName: codeCommit})
	if err != nil {
		t.Fatalf("CreateServiceSpecificCredential: %v", err)
	}
	made["id"], made["password"] = aws.ToString(out.ServiceSpecificCredential.ServiceSpecificCredentialId), aws.ToString(out.ServiceSpecificCredential.ServicePassword)
}

func serviceCredentials(t *testing.T, c *clients, in *iam.ListServiceSpecificCredentialsInput) []types.ServiceSpecificCredentialMetadata {
	t.Helper()
	out, err := c.IAM.ListServiceSpecificCredentials(t.Context(), in)
	if err != nil {
		t.Fatalf("ListServiceSpecificCredentials: %v", err)
	}
	return out.ServiceSpecificCredentials
}

func serviceSpecificCredentialCases() []actionCase {
	const (
		blue    = "aws:ResourceTag/team"
		service = "iam:ServiceSpecificCredentialServiceName"
	)
	create := func(days *int32) func(context.Context, *clients, map[string]string) error {
		return func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.IAM.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{
				UserName: ink, ServiceName: aws.String("Bedrock.amazonaws.com"), CredentialAgeDays: days,
			})
			if err == nil {
				made["id"], made["secret"] = aws.ToString(out.ServiceSpecificCredential.ServiceSpecificCredentialId), aws.ToString(out.ServiceSpecificCredential.ServiceCredentialSecret)
			}
			return err
		}
	}
	created := func(days time.Duration) func(*testing.T, *clients, map[string]string) {
		return func(t *testing.T, root *clients, made map[string]string) {
			list := serviceCredentials(t, root, &iam.ListServiceSpecificCredentialsInput{UserName: ink, ServiceName: bedrock})
			same(t, "credentials", len(list), 1)
			got := list[0]
			same(t, "id", aws.ToString(got.ServiceSpecificCredentialId), made["id"])
			same(t, "alias", aws.ToString(got.ServiceCredentialAlias), "Ink-at-"+root.Account)
			same(t, "service", aws.ToString(got.ServiceName), "bedrock.amazonaws.com")
			same(t, "status", got.Status, types.StatusTypeActive)
			if !strings.HasPrefix(made["secret"], "ABSK") {
				t.Errorf("secret %s", made["secret"])
			}
			if got.ExpirationDate != nil {
				same(t, "days", got.ExpirationDate.Sub(*got.CreateDate), days*24*time.Hour)
			} else {
				same(t, "days", 0, days)
			}
		}
	}
	return []actionCase{
		{
			action: "CreateServiceSpecificCredential", setup: makeEntities, call: create(nil), effect: created(0),
			grants: []grant{{"iam:CreateServiceSpecificCredential", inkUser}}, key: service, holds: "bedrock.amazonaws.com", other: "codecommit.amazonaws.com",
		},
		{
			action: "CreateServiceSpecificCredential", setup: makeEntities, call: create(aws.Int32(30)), effect: created(30),
			grants: []grant{{"iam:CreateServiceSpecificCredential", inkUser}}, key: "iam:ServiceSpecificCredentialAgeDays", holds: "30", other: "31",
		},
		{
			action: "ListServiceSpecificCredentials", setup: makeServiceCredential,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: ink})
				if err == nil && len(out.ServiceSpecificCredentials) == 1 {
					made["listed"] = aws.ToString(out.ServiceSpecificCredentials[0].ServiceSpecificCredentialId)
					made["login"] = aws.ToString(out.ServiceSpecificCredentials[0].ServiceUserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "login", made["login"], "Ink-at-"+root.Account)
				_, err := root.IAM.ResetServiceSpecificCredential(t.Context(), &iam.ResetServiceSpecificCredentialInput{
					UserName: ink, ServiceSpecificCredentialId: aws.String(made["listed"]),
				})
				if err != nil {
					t.Errorf("what was listed is not there: %v", err)
				}
			},
			grants: []grant{{"iam:ListServiceSpecificCredentials", inkUser}}, key: blue, holds: "blue", other: "red",
		},
		{
			action: "ListServiceSpecificCredentials", setup: makeServiceCredential, // of all users
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), ServiceName: codeCommit})
				if err == nil && len(out.ServiceSpecificCredentials) == 1 {
					made["listed"] = aws.ToString(out.ServiceSpecificCredentials[0].UserName)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				same(t, "user", made["listed"], aws.ToString(getUser(t, root, "Ink").UserName))
			},
			grants: []grant{{"iam:ListServiceSpecificCredentials", "arn:aws:iam::«ACCOUNT»:user/*"}},
		},
		{
			action: "UpdateServiceSpecificCredential", setup: makeServiceCredential,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{
					UserName: ink, ServiceSpecificCredentialId: aws.String(made["id"]), Status: types.StatusTypeInactive,
				})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "status", serviceCredentials(t, root, &iam.ListServiceSpecificCredentialsInput{UserName: ink})[0].Status, types.StatusTypeInactive)
			},
			grants: []grant{{"iam:UpdateServiceSpecificCredential", inkUser}}, key: service, holds: "codecommit.amazonaws.com", other: "bedrock.amazonaws.com",
		},
		{
			action: "ResetServiceSpecificCredential", setup: makeServiceCredential,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				out, err := c.IAM.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: aws.String(made["id"])})
				if err == nil {
					made["after"] = aws.ToString(out.ServiceSpecificCredential.ServicePassword)
				}
				return err
			},
			effect: func(t *testing.T, root *clients, made map[string]string) {
				if made["after"] == made["password"] || len(made["after"]) != 60 {
					t.Errorf("the password was %s and is %s", made["password"], made["after"])
				}
				list := serviceCredentials(t, root, &iam.ListServiceSpecificCredentialsInput{UserName: ink})
				same(t, "id", aws.ToString(list[0].ServiceSpecificCredentialId), made["id"])
			},
			grants: []grant{{"iam:ResetServiceSpecificCredential", inkUser}}, key: service, holds: "codecommit.amazonaws.com", other: "bedrock.amazonaws.com",
		},
		{
			action: "DeleteServiceSpecificCredential", setup: makeServiceCredential,
			call: func(ctx context.Context, c *clients, made map[string]string) error {
				_, err := c.IAM.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: aws.String(made["id"])})
				return err
			},
			effect: func(t *testing.T, root *clients, _ map[string]string) {
				same(t, "credentials", len(serviceCredentials(t, root, &iam.ListServiceSpecificCredentialsInput{UserName: ink})), 0)
			},
			grants: []grant{{"iam:DeleteServiceSpecificCredential", inkUser}}, key: service, holds: "codecommit.amazonaws.com", other: "bedrock.amazonaws.com",
		},
	}
}

// TestServiceSpecificCredentialRefusals are AWS's errors, as a client gets
// them.
func TestServiceSpecificCredentialRefusals(t *testing.T) {
	w := newWorld(t)
	root, ctx, made := w.account(t), t.Context(), map[string]string{}
	makeServiceCredential(t, root, made)
	create := func(user string, service *string) error {
		_, err := root.IAM.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: aws.String(user), ServiceName: service})
		return err
	}
	odd := aws.String("x.amazonaws.com")
	const nobody, noService = "The user with name Eve cannot be found.", "No such service x.amazonaws.com is supported for Service Specific Credentials"
	wantError(t, "nobody's", create("Eve", odd), "NoSuchEntity", nobody)
	wantError(t, "of no service", create("Ink", odd), "NoSuchEntity", noService)
	if err := create("Ink", codeCommit); err != nil {
		t.Fatal(err)
	}
	wantError(t, "a third", create("Ink", codeCommit), "LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	_, err := root.IAM.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: ink, ServiceName: bedrock, CredentialAgeDays: aws.Int32(36601)})
	wantError(t, "too many days", err, "ValidationError", "credentialAgeDays")

	list := func(in iam.ListServiceSpecificCredentialsInput) error {
		_, err := root.IAM.ListServiceSpecificCredentials(ctx, &in)
		return err
	}
	wantError(t, "a list of nobody's", list(iam.ListServiceSpecificCredentialsInput{UserName: aws.String("Eve")}), "NoSuchEntity", nobody)
	wantError(t, "a list of no service", list(iam.ListServiceSpecificCredentialsInput{UserName: ink, ServiceName: odd}), "NoSuchEntity", noService)
	wantError(t, "one and all", list(iam.ListServiceSpecificCredentialsInput{UserName: ink, AllUsers: aws.Bool(true)}), "ValidationError", "together")
	wantError(t, "root's", list(iam.ListServiceSpecificCredentialsInput{}), "ValidationError", "Must specify userName when calling with non-User credentials")

	gone := aws.String("ACCAXXXXXXXXXXXXXXXXX")
	const none = "No such credential ACCAXXXXXXXXXXXXXXXXX exists"
	_, err = root.IAM.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: gone, Status: types.StatusTypeActive})
	wantError(t, "UpdateServiceSpecificCredential", err, "NoSuchEntity", none)
	_, err = root.IAM.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: gone})
	wantError(t, "ResetServiceSpecificCredential", err, "NoSuchEntity", none)
	_, err = root.IAM.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: gone})
	wantError(t, "DeleteServiceSpecificCredential", err, "NoSuchEntity", none)
	_, err = root.IAM.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{UserName: ink, ServiceSpecificCredentialId: aws.String(made["id"]), Status: "Expired"})
	wantError(t, "a status", err, "InvalidInput", "can be set to Active or Inactive only")

	// A user's own, without saying whose; another's is not to be had so.
	user := w.caller(t, root, statement{Effect: "Allow", Action: "iam:*ServiceSpecificCredential*", Resource: "arn:aws:iam::" + root.Account + ":user/caller"})
	if _, err := user.IAM.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: aws.String("caller"), ServiceName: codeCommit}); err != nil {
		t.Fatal(err)
	}
	own := serviceCredentials(t, user, nil)
	same(t, "the user's own", len(own), 1)
	_, err = user.IAM.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{ServiceSpecificCredentialId: aws.String(made["id"])})
	wantError(t, "another's", err, "ValidationError", "does not belong to the user caller")
	if _, err := user.IAM.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{ServiceSpecificCredentialId: own[0].ServiceSpecificCredentialId}); err != nil {
		t.Error(err)
	}

	// Pages over all users'.
	var logins []string
	in := &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), MaxItems: aws.Int32(1)}
	for range 2 {
		out, err := root.IAM.ListServiceSpecificCredentials(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range out.ServiceSpecificCredentials {
			logins = append(logins, aws.ToString(c.ServiceUserName))
		}
		same(t, "truncated", out.IsTruncated, in.Marker == nil)
		in.Marker = out.Marker
	}
	if len(logins) != 2 || logins[0] == logins[1] {
		t.Errorf("logins %v", logins)
	}
}

// TestSecretsOfCredentialsAreNotAudited: what an audit trail keeps of these
// calls has neither private keys nor passwords.
func TestSecretsOfCredentialsAreNotAudited(t *testing.T) {
	const secret = "this-is-the-secret"
	credential := &types.ServiceSpecificCredential{
		ServicePassword: aws.String(secret), ServiceCredentialSecret: aws.String(secret), ServiceSpecificCredentialId: aws.String("ACCAX"),
	}
	for op, v := range map[string]any{
		"UploadServerCertificate":         &iam.UploadServerCertificateInput{ServerCertificateName: ink, PrivateKey: aws.String(secret)},
		"CreateServiceSpecificCredential": &iam.CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: credential},
		"ResetServiceSpecificCredential":  &iam.ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: credential},
	} {
		event := string(wire.AppendEvent(nil, wire.Op{Service: "iam", Name: op}, v))
		if strings.Contains(event, secret) || !strings.Contains(event, wire.Hidden) || !strings.Contains(event, "Ink") && !strings.Contains(event, "ACCAX") {
			t.Errorf("%s: the event is %s", op, event)
		}
	}
}
