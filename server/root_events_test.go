package server

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	orgsdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"iamd/server/servertest"
	"iamd/store"
)

// TestAssumeRootEvents: both accounts hear who assumed a root user, without a
// secret, and what the session did is the root user's, by assumption.
func TestAssumeRootEvents(t *testing.T) {
	ctx := t.Context()
	s := start(t, Config{DataDir: t.TempDir()})
	defer closed(t, s)
	front := httptest.NewServer(s.Handler())
	defer front.Close()
	first := s.FirstStart()
	admin, managed := iam.NewFromConfig(root(first, front.URL)), orgsdk.NewFromConfig(root(first, front.URL))
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(managed.CreateOrganization(ctx, &orgsdk.CreateOrganizationInput{}))
	ok(managed.EnableAWSServiceAccess(ctx, &orgsdk.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam.amazonaws.com")}))
	ok(admin.EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{}))
	ok(managed.CreateAccount(ctx, &orgsdk.CreateAccountInput{AccountName: aws.String("Member"), Email: aws.String("member@example.com")}))
	accounts, err := managed.ListAccounts(ctx, &orgsdk.ListAccountsInput{})
	if err != nil || len(accounts.Accounts) != 2 {
		t.Fatal(accounts, err)
	}
	member := *accounts.Accounts[0].Id
	if member == first.AccountID {
		member = *accounts.Accounts[1].Id
	}
	ok(admin.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("ada")}))
	ok(admin.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("ada"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}))
	key, err := admin.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("ada")})
	ok(key, err)
	task := "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
	ada := sts.NewFromConfig(servertest.Config(front.URL, "eu-west-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""))
	out, err := ada.AssumeRoot(ctx, &sts.AssumeRootInput{TargetPrincipal: &member, TaskPolicyArn: &ststypes.PolicyDescriptorType{Arn: &task}})
	ok(out, err)
	c := out.Credentials
	session := iam.NewFromConfig(servertest.Config(front.URL, "eu-west-1", *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken))
	ok(session.GetUser(ctx, &iam.GetUserInput{}))
	if time.Until(*c.Expiration) > 15*time.Minute {
		t.Errorf("until %s", c.Expiration)
	}
	ok(nil, s.audit.Flush(ctx))
	for _, want := range []struct {
		account, name string
		parts         []string
	}{
		{first.AccountID, "AssumeRoot", []string{`"arn":"arn:aws:iam::` + first.AccountID + `:user/ada"`, `"targetPrincipal":"` + member + `"`, `"arn":"` + task + `"`, `"accessKeyId":"` + *c.AccessKeyId + `"`, `"recipientAccountId":"` + first.AccountID + `"`, `"awsRegion":"eu-west-1"`}},
		{member, "AssumeRoot", []string{`"arn":"arn:aws:iam::` + first.AccountID + `:user/ada"`, `"recipientAccountId":"` + member + `"`}},
		{member, "GetUser", []string{`"type":"Root"`, `"arn":"arn:aws:iam::` + member + `:root"`, `"accessKeyId":"` + *c.AccessKeyId + `"`, `"assumedRoot":"true"`}},
	} {
		list, err := s.backend.Events(ctx, accountPrefix+want.account, store.EventQuery{Limit: 100})
		ok(list, err)
		found := 0
		for _, e := range list {
			if strings.Contains(string(e.Data), *c.SecretAccessKey) || strings.Contains(string(e.Data), *c.SessionToken) {
				t.Errorf("a secret stands in %s", e.Data)
			}
			if !strings.Contains(string(e.Data), `"eventName":"`+want.name+`"`) {
				continue
			}
			found++
			for _, part := range want.parts {
				if !strings.Contains(string(e.Data), part) {
					t.Errorf("no %s in %s", part, e.Data)
				}
			}
		}
		if found != 1 {
			t.Errorf("%d events of %s in %s", found, want.name, want.account)
		}
	}
}
