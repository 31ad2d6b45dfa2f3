package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	account = "111122223333" // of AWS's examples
	region  = "us-east-1"
	user    = "sp-api-user"
	session = "demo"
	orders  = "/orders/v0/orders"
)

// demo is one showing.
type demo struct {
	*page
	program   string
	dir       string
	temporary bool
	account   string
	upstream  *upstream
	iamd      *process
	took      time.Duration // to start

	roleARN    string
	root, user clients
	role       aws.Credentials

	standIn bool // for the Selling Partner API
	selling standIn
}

// clients are the SDK's, signing with one key.
type clients struct {
	iam *iam.Client
	sts *sts.Client
	key aws.Credentials
}

func (d *demo) as(key aws.Credentials) clients {
	cfg := aws.Config{
		Region: region, BaseEndpoint: aws.String(d.iamd.url), RetryMaxAttempts: 1,
		Credentials: credentials.StaticCredentialsProvider{Value: key},
	}
	return clients{iam.NewFromConfig(cfg), sts.NewFromConfig(cfg), key}
}

// show goes through the steps. An error is one that ends the demo; an answer
// that should have been another is only marked.
func (d *demo) show(ctx context.Context) error {
	d.line("%s: IAM, STS and a gateway that enforces them, on this machine", d.bold("iamd"))
	steps := []func(context.Context) error{d.begin, d.setup, d.setupAgain, d.takeRole, d.invoke, d.refusals, d.verify, d.report}
	if d.standIn {
		steps = append(steps, d.login, d.sell)
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin starts everything.
func (d *demo) begin(ctx context.Context) (err error) {
	d.title("Start iamd on %s", map[bool]string{true: "an empty folder", false: d.dir}[d.temporary])
	d.account = account
	if d.upstream, err = newUpstream(); err != nil {
		return err
	}
	if err := d.start(); err != nil {
		return err
	}
	d.labelled("APIs", "%s   IAM and STS, for the AWS CLI and SDKs", d.iamd.url)
	d.labelled("gateway", "%s   guards the orders API at %s", d.iamd.gateway, d.upstream.url)
	key, err := readKey(filepath.Join(d.file("data"), "root-credentials.csv"))
	if err != nil {
		return err
	}
	d.root = d.as(key)
	who, err := d.root.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("root's GetCallerIdentity: %w", err)
	}
	if aws.ToString(who.Account) != d.account {
		return fmt.Errorf("%s belongs to account %s, which the demo did not make: name another DATA_DIR", d.dir, aws.ToString(who.Account))
	}
	d.allowed(aws.ToString(who.Arn) == "arn:aws:iam::"+d.account+":root",
		fmt.Sprintf("ready in %d ms; the root key signs as %s", d.took.Milliseconds(), aws.ToString(who.Arn)), "")
	return nil
}

// readKey reads a key file with AWS's two columns.
func readKey(path string) (aws.Credentials, error) {
	f, err := os.Open(path)
	if err != nil {
		return aws.Credentials{}, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[1]) != 2 {
		return aws.Credentials{}, fmt.Errorf("%s is no access key file: %w", path, err)
	}
	return aws.Credentials{AccessKeyID: rows[1][0], SecretAccessKey: rows[1][1]}, nil
}

func (d *demo) setupArgs() []string {
	return []string{"setup", "sp-api", "--endpoint", d.iamd.url, "--out", d.dir,
		"--credentials-file", filepath.Join(d.file("data"), "root-credentials.csv")}
}

// setup makes user, key, policies and role.
func (d *demo) setup(context.Context) error {
	d.title("Make the user, their key, the policies and the role")
	d.labelled("asked", "iamd setup sp-api")
	out, err := d.command(d.setupArgs()...)
	if err != nil {
		return err
	}
	d.quoted(strings.ReplaceAll(out, d.dir+"/", ""))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	d.roleARN = lines[len(lines)-1]
	key, err := readKey(d.file(user + "_accessKeys.csv"))
	if err != nil {
		return err
	}
	d.user = d.as(key)
	d.allowed(strings.HasPrefix(d.roleARN, "arn:aws:iam::"+d.account+":role/") && !strings.Contains(out, key.SecretAccessKey),
		"all of it stands; the secret key went to files, not to the terminal", "")
	return nil
}

// setupAgain shows that a second run changes nothing.
func (d *demo) setupAgain(context.Context) error {
	d.title("The same again")
	d.labelled("asked", "iamd setup sp-api")
	out, err := d.command(d.setupArgs()...)
	if err != nil {
		return err
	}
	exist, made := 0, 0
	for line := range strings.Lines(out) {
		switch {
		case strings.HasPrefix(line, "exists "):
			exist++
		case strings.HasPrefix(line, "made "):
			made++
		}
	}
	d.allowed(made == 0 && exist > 0, fmt.Sprintf("%d things exist, %d were made", exist, made), "")
	return nil
}

// takeRole gets the role's temporary keys, which its user may and root may not.
func (d *demo) takeRole(ctx context.Context) error {
	d.title("Take the role's keys")
	d.labelled("asked", "sts:AssumeRole %s, as user %s", d.roleARN, user)
	in := &sts.AssumeRoleInput{RoleArn: &d.roleARN, RoleSessionName: aws.String(session)}
	got, err := d.user.sts.AssumeRole(ctx, in)
	if err != nil {
		return fmt.Errorf("AssumeRole: %w", err)
	}
	c := got.Credentials
	d.role = aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}
	d.allowed(*got.AssumedRoleUser.Arn == d.sessionARN(), "the user takes the role",
		fmt.Sprintf("key %s, a session token of %d characters, until %s", *c.AccessKeyId, len(*c.SessionToken), c.Expiration.Local().Format("15:04:05")))
	_, err = d.root.sts.AssumeRole(ctx, in)
	d.denied("the root user does not", err, "AccessDenied", "Roles may not be assumed by root accounts.")
	return nil
}

func (d *demo) sessionARN() string {
	_, name, _ := strings.Cut(d.roleARN, ":role/")
	return "arn:aws:sts::" + d.account + ":assumed-role/" + name + "/" + session
}
