package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// workflow is what every Selling Partner API developer was told to do, step by
// step. Each step looks first, and makes only what is not there.
type workflow struct {
	iam      *iam.Client
	out      io.Writer
	flags    setupFlags
	account  string
	files    files
	region   string
	endpoint string // empty for AWS itself
	drift    bool
}

// settle is how long a new entity may take until AWS shows it everywhere.
const settle = 30 * time.Second

func (w *workflow) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		w.user, w.policy, w.role, w.rolePolicy, w.userPolicy, w.verification, w.accessKey, w.profiles,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	printf(w.out, "%s\n", w.roleARN())
	if w.drift {
		return errDrift
	}
	return nil
}

func (w *workflow) roleARN() string { return "arn:aws:iam::" + w.account + ":role/" + w.flags.role }

func (w *workflow) policyARN(name string) string {
	return "arn:aws:iam::" + w.account + ":policy/" + name
}

func (w *workflow) verificationName() string { return w.flags.policy + "Verification" }

func (w *workflow) say(state, format string, args ...any) {
	printf(w.out, "%-7s  %s\n", state, fmt.Sprintf(format, args...))
}

func (w *workflow) differs(format string, args ...any) {
	w.drift = true
	w.say("drift", format, args...)
}

// ensure makes what is not there, or says that it would.
func (w *workflow) ensure(what string, there bool, create func() error) error {
	switch {
	case there:
		w.say("exists", "%s", what)
		return nil
	case w.flags.dryRun:
		w.say("would", "make %s", what)
		return nil
	}
	if err := create(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	w.say("made", "%s", what)
	return nil
}

// found tells whether a read found its entity; other errors stay errors.
func found(err error) (bool, error) {
	var none *types.NoSuchEntityException
	if errors.As(err, &none) {
		return false, nil
	}
	return err == nil, err
}

var tags = []types.Tag{{Key: aws.String("CreatedBy"), Value: aws.String("iamd setup sp-api")}}

func (w *workflow) user(ctx context.Context) error {
	name := &w.flags.user
	got, err := w.iam.GetUser(ctx, &iam.GetUserInput{UserName: name})
	there, err := found(err)
	if err != nil {
		return fmt.Errorf("user %s: %w", *name, err)
	}
	if err := w.ensure("user "+*name, there, func() error {
		if _, err := w.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: name, Tags: tags}); err != nil {
			return err
		}
		return iam.NewUserExistsWaiter(w.iam).Wait(ctx, &iam.GetUserInput{UserName: name}, settle)
	}); err != nil || !there {
		return err
	}
	if arn := aws.ToString(got.User.Arn); arn != "arn:aws:iam::"+w.account+":user/"+*name {
		w.differs("user %s has a path: its ARN is %s", *name, arn)
	}
	return nil
}

func (w *workflow) policy(ctx context.Context) error {
	return w.managed(ctx, w.flags.policy, invokePolicy, "Allows calls to the Selling Partner API.")
}

// managed makes a managed policy.
func (w *workflow) managed(ctx context.Context, name, document, description string) error {
	arn := aws.String(w.policyARN(name))
	got, err := w.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	there, err := found(err)
	if err != nil {
		return fmt.Errorf("policy %s: %w", name, err)
	}
	if err := w.ensure("policy "+name, there, func() error {
		if _, err := w.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: &name, PolicyDocument: &document, Description: &description, Tags: tags,
		}); err != nil {
			return err
		}
		return iam.NewPolicyExistsWaiter(w.iam).Wait(ctx, &iam.GetPolicyInput{PolicyArn: arn}, settle)
	}); err != nil || !there {
		return err
	}
	version, err := w.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: got.Policy.DefaultVersionId})
	if err != nil {
		return fmt.Errorf("policy %s: %w", name, err)
	}
	return w.compare("policy "+name, version.PolicyVersion.Document, document)
}

// compare says when a document does not say what it should.
func (w *workflow) compare(what string, got *string, want string) error {
	text, err := url.PathUnescape(aws.ToString(got))
	if err != nil {
		return fmt.Errorf("%s: its document: %w", what, err)
	}
	if !samePolicy(text, want) {
		w.differs("%s says something else than %s", what, want)
	}
	return nil
}

func (w *workflow) role(ctx context.Context) error {
	name, trust := &w.flags.role, w.trustPolicy()
	got, err := w.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	there, err := found(err)
	if err != nil {
		return fmt.Errorf("role %s: %w", *name, err)
	}
	if err := w.ensure("role "+*name, there, func() error {
		if _, err := w.iam.CreateRole(ctx, &iam.CreateRoleInput{
			RoleName: name, AssumeRolePolicyDocument: &trust, Description: aws.String("Calls the Selling Partner API."), Tags: tags,
		}); err != nil {
			return err
		}
		return iam.NewRoleExistsWaiter(w.iam).Wait(ctx, &iam.GetRoleInput{RoleName: name}, settle)
	}); err != nil || !there {
		return err
	}
	if arn := aws.ToString(got.Role.Arn); arn != w.roleARN() {
		w.differs("role %s has a path: its ARN is %s", *name, arn)
	}
	return w.compare("the trust policy of role "+*name, got.Role.AssumeRolePolicyDocument, trust)
}

func (w *workflow) rolePolicy(ctx context.Context) error {
	arn, there := w.policyARN(w.flags.policy), false
	pages := iam.NewListAttachedRolePoliciesPaginator(w.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &w.flags.role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if ok, err := found(err); err != nil {
			return fmt.Errorf("role %s: %w", w.flags.role, err)
		} else if !ok {
			break // only in a dry run
		}
		there = there || attached(page.AttachedPolicies, arn)
	}
	return w.ensure("policy "+w.flags.policy+" on role "+w.flags.role, there, func() error {
		_, err := w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &w.flags.role, PolicyArn: &arn})
		return err
	})
}

func attached(list []types.AttachedPolicy, arn string) bool {
	return slices.ContainsFunc(list, func(p types.AttachedPolicy) bool { return aws.ToString(p.PolicyArn) == arn })
}

func (w *workflow) userPolicy(ctx context.Context) error {
	name, document := aws.String("Assume"+w.flags.role), w.assumePolicy()
	got, err := w.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &w.flags.user, PolicyName: name})
	there, err := found(err)
	if err != nil {
		return fmt.Errorf("inline policy %s: %w", *name, err)
	}
	what := "inline policy " + *name + " of user " + w.flags.user
	if err := w.ensure(what, there, func() error {
		_, err := w.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &w.flags.user, PolicyName: name, PolicyDocument: &document})
		return err
	}); err != nil || !there {
		return err
	}
	return w.compare(what, got.PolicyDocument, document)
}

func (w *workflow) verification(ctx context.Context) error {
	name := w.verificationName()
	if err := w.managed(ctx, name, verificationPolicy, "Lets the developer verify the setup."); err != nil {
		return err
	}
	arn, there := w.policyARN(name), false
	pages := iam.NewListAttachedUserPoliciesPaginator(w.iam, &iam.ListAttachedUserPoliciesInput{UserName: &w.flags.user})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if ok, err := found(err); err != nil {
			return fmt.Errorf("user %s: %w", w.flags.user, err)
		} else if !ok {
			break // only in a dry run
		}
		there = there || attached(page.AttachedPolicies, arn)
	}
	return w.ensure("policy "+name+" on user "+w.flags.user, there, func() error {
		_, err := w.iam.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &w.flags.user, PolicyArn: &arn})
		return err
	})
}
