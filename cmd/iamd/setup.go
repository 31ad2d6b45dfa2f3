package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"
)

func setupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Set up what a kind of API asks of its developers",
	}
	cmd.AddCommand(setupSPAPICommand())
	return cmd
}

// setupFlags are what setup sp-api is told.
type setupFlags struct {
	client              clientFlags
	user, role, policy  string
	profile, out, trust string
	dryRun              bool
}

func setupSPAPICommand() *cobra.Command {
	var f setupFlags
	cmd := &cobra.Command{
		Use:   "sp-api",
		Short: "Make the user, role and policies for the Selling Partner API",
		Long: "Make what a Selling Partner API developer needs, in iamd or in AWS itself: an IAM user\n" +
			"with an access key, a policy that allows execute-api:Invoke, a role that has it and\n" +
			"trusts the account, and the user's right to assume the role and to verify all this.\n\n" +
			"It acts with the credentials that the AWS CLI would use, or with --credentials-file.\n" +
			"What exists is left as it is; a second run changes nothing. The secret key goes to\n" +
			"OUT/USER_accessKeys.csv and to the named profile, never to the terminal. The last\n" +
			"line is the role's ARN.",
		Example: "  iamd setup sp-api --endpoint http://127.0.0.1:4566 --credentials-file iamd-data/root-credentials.csv\n" +
			"  AWS_PROFILE=admin iamd setup sp-api --dry-run",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	set := cmd.Flags()
	f.client.bind(set, "URL of iamd; empty: AWS_ENDPOINT_URL, or AWS itself")
	set.StringVar(&f.profile, "profile-name", "sp-api", "profile to write for the user; NAME-role is the role's")
	set.StringVar(&f.user, "user-name", "sp-api-user", "name of the user")
	set.StringVar(&f.role, "role-name", "SellingPartnerAPIRole", "name of the role")
	set.StringVar(&f.policy, "policy-name", "SellingPartnerAPI", "name of the policy that allows execute-api:Invoke")
	set.StringVar(&f.out, "out", ".", "directory of the access key's .csv file")
	set.StringVar(&f.trust, "trust-account", "", "account that may assume the role (default: the one that owns it)")
	set.BoolVar(&f.dryRun, "dry-run", false, "tell what would be done and change nothing")
	return cmd
}

var (
	entityName  = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)
	profileName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
)

func (f *setupFlags) check() error {
	for _, n := range []struct{ flag, value string }{{"user-name", f.user}, {"role-name", f.role}, {"policy-name", f.policy}} {
		if !entityName.MatchString(n.value) {
			return usagef("--%s %q must be 1 to 64 letters, digits and +=,.@_-", n.flag, n.value)
		}
	}
	if !profileName.MatchString(f.profile) || f.profile == "default" {
		return usagef("--profile-name %q must be letters, digits and ._-, and not default", f.profile)
	}
	if f.trust != "" && !accountForm.MatchString(f.trust) {
		return usagef("--trust-account %q must be twelve digits", f.trust)
	}
	return nil
}

func (f *setupFlags) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx := cmd.Context()
	cfg, err := f.client.aws(ctx)
	if err != nil {
		return err
	}
	files, err := profileFiles(os.Getenv)
	if err != nil {
		return err
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("who are you? Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or --credentials-file: %w", err)
	}
	w := &workflow{
		iam: iam.NewFromConfig(cfg), out: cmd.OutOrStdout(), flags: *f, account: aws.ToString(who.Account),
		files: files, region: cfg.Region, endpoint: aws.ToString(cfg.BaseEndpoint),
	}
	printf(w.out, "account  %s, as %s\n", w.account, aws.ToString(who.Arn))
	return w.run(ctx)
}

// errDrift says that something stands otherwise than setup would have made it.
var errDrift = errors.New("some of it stands otherwise than this command would make it (see drift above); nothing of that was changed")
