package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients call as one principal.
type clients struct {
	iam *iam.Client
	sts *sts.Client
	org *organizations.Client
}

// transport keeps as many connections as there are workers.
var transport = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * workers}}

func clientsOf(url, id, secret, token string) *clients {
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, HTTPClient: transport,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
	}
	return &clients{iam.NewFromConfig(cfg), sts.NewFromConfig(cfg), organizations.NewFromConfig(cfg)}
}

const workers = 16

// each runs a job of every number below n, several at a time, and gives the first error.
func each(ctx context.Context, n int, job func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := job(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// fill makes the organization and everything in it; it tells how many entities it made.
func (w *world) fill(ctx context.Context, s size) (int, error) {
	top := w.client[""]
	if _, err := top.org.CreateOrganization(ctx, &organizations.CreateOrganizationInput{}); err != nil {
		return 0, err
	}
	// An administrator, since the root user may not assume roles.
	admin, err := w.admin(ctx)
	if err != nil {
		return 0, err
	}
	for i := range s.accounts {
		if err := w.newAccount(ctx, admin, i); err != nil {
			return 0, fmt.Errorf("account %d: %w", i, err)
		}
	}
	err = each(ctx, s.accounts*s.policies, func(ctx context.Context, i int) error {
		return w.newPolicy(ctx, w.order[i%s.accounts], i/s.accounts)
	})
	if err != nil {
		return 0, err
	}
	err = each(ctx, s.accounts*s.users, func(ctx context.Context, i int) error {
		return w.newUser(ctx, w.order[i%s.accounts], i/s.accounts, s)
	})
	if err != nil {
		return 0, err
	}
	err = each(ctx, s.accounts*s.roles, func(ctx context.Context, i int) error {
		return w.newRole(ctx, w.order[i%s.accounts], i/s.accounts, s)
	})
	return s.accounts * (1 + s.users + s.roles + s.policies), err
}

func (w *world) admin(ctx context.Context) (*clients, error) {
	top := w.client[""].iam
	if _, err := top.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("admin")}); err != nil {
		return nil, err
	}
	if _, err := top.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("admin"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
		return nil, err
	}
	key, err := top.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("admin")})
	if err != nil {
		return nil, err
	}
	return clientsOf(w.front.URL, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, ""), nil
}

// newAccount makes a member and a user in it, by whose keys all else is made.
func (w *world) newAccount(ctx context.Context, admin *clients, i int) error {
	begun, err := admin.org.CreateAccount(ctx, &organizations.CreateAccountInput{
		AccountName: aws.String(fmt.Sprintf("load-%d", i)), Email: aws.String(fmt.Sprintf("load-%d@example.com", i)),
	})
	if err != nil {
		return err
	}
	status := begun.CreateAccountStatus
	for status.State == orgtypes.CreateAccountStateInProgress {
		out, err := admin.org.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id})
		if err != nil {
			return err
		}
		status = out.CreateAccountStatus
	}
	if status.State != orgtypes.CreateAccountStateSucceeded {
		return fmt.Errorf("%s %s", status.State, status.FailureReason)
	}
	account := *status.AccountId
	in, err := admin.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + account + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("load"),
	})
	if err != nil {
		return err
	}
	c := in.Credentials
	w.client[account] = clientsOf(w.front.URL, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	w.order = append(w.order, account)
	return nil
}

func (w *world) newPolicy(ctx context.Context, account string, i int) error {
	_, err := w.client[account].iam.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName:     aws.String(fmt.Sprintf("policy-%d", i)),
		PolicyDocument: aws.String(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::bucket-%d/*"},{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, i)),
	})
	return err
}

func policyIn(account string, i int) *string {
	return aws.String(fmt.Sprintf("arn:aws:iam::%s:policy/policy-%d", account, i))
}

func (w *world) newUser(ctx context.Context, account string, i int, s size) error {
	c, name := w.client[account].iam, aws.String(fmt.Sprintf("user-%d", i))
	if _, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Path: aws.String("/load/"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("load")}}}); err != nil || s.policies == 0 {
		return err
	}
	_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: policyIn(account, i%s.policies)})
	return err
}

func (w *world) newRole(ctx context.Context, account string, i int, s size) error {
	c, name := w.client[account].iam, aws.String(fmt.Sprintf("role-%d", i))
	if _, err := c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 name,
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`),
	}); err != nil || s.policies == 0 {
		return err
	}
	_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: policyIn(account, i%s.policies)})
	return err
}

// touchAll reads one page of every account's users.
func (w *world) touchAll(ctx context.Context) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	return each(ctx, len(w.order), func(ctx context.Context, i int) error {
		_, err := w.client[w.order[i]].iam.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
		return err
	})
}

// enter makes clients for every member of the organization, by their roles.
func (w *world) enter(ctx context.Context) error {
	key, err := w.client[""].iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("admin")})
	if err != nil {
		return err
	}
	admin := clientsOf(w.front.URL, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	pages := organizations.NewListAccountsPaginator(admin.org, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, a := range page.Accounts {
			if a.JoinedMethod != orgtypes.AccountJoinedMethodCreated {
				continue
			}
			in, err := admin.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
				RoleArn: aws.String("arn:aws:iam::" + *a.Id + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("load"),
			})
			if err != nil {
				return err
			}
			c := in.Credentials
			w.client[*a.Id], w.order = clientsOf(w.front.URL, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken), append(w.order, *a.Id)
		}
	}
	return nil
}

// read is something to time.
type read struct {
	name string
	ask  func(ctx context.Context, account string, c *clients) error
}

func (w *world) reads() []read {
	return []read{
		{"ListUsers, all in one page", func(ctx context.Context, _ string, c *clients) error {
			_, err := c.iam.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})
			return err
		}},
		{"GetAccountAuthorizationDetails, all pages", func(ctx context.Context, _ string, c *clients) error {
			pages := iam.NewGetAccountAuthorizationDetailsPaginator(c.iam, &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)})
			for pages.HasMorePages() {
				if _, err := pages.NextPage(ctx); err != nil {
					return err
				}
			}
			return nil
		}},
		{"SimulatePrincipalPolicy", func(ctx context.Context, account string, c *clients) error {
			_, err := c.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
				PolicySourceArn: aws.String("arn:aws:iam::" + account + ":user/load/user-7"),
				ActionNames:     []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, ResourceArns: []string{"arn:aws:s3:::bucket-7/key"},
			})
			return err
		}},
	}
}

// time asks accounts at random, four at a time, and tells how long each call took.
func (w *world) time(ctx context.Context, asks int, r read) ([]time.Duration, error) {
	took := make([]time.Duration, asks)
	seats := make(chan struct{}, 4)
	err := each(ctx, asks, func(ctx context.Context, i int) error {
		seats <- struct{}{}
		defer func() { <-seats }()
		account := w.order[rand.IntN(len(w.order))]
		began := time.Now()
		err := r.ask(ctx, account, w.client[account])
		took[i] = time.Since(began)
		return err
	})
	return took, err
}

// many makes users one after the other in an account that has none, and tells how long one of the first tenth took, and
// one of the last.
func (w *world) many(ctx context.Context, n int) (first, last time.Duration, err error) {
	made, err := w.server.CreateAccount(ctx, "large", "")
	if err != nil {
		return 0, 0, err
	}
	c := clientsOf(w.front.URL, made.AccessKeyID, made.SecretAccessKey, "").iam
	tenth := n / 10
	for i := range n {
		began := time.Now()
		if _, err := c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(fmt.Sprintf("user-%d", i))}); err != nil {
			return 0, 0, err
		}
		switch took := time.Since(began); {
		case i < tenth:
			first += took
		case i >= n-tenth:
			last += took
		}
	}
	return first / time.Duration(tenth), last / time.Duration(tenth), nil
}
