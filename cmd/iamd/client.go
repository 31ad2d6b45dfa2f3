package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/pflag"
)

// clientFlags are those of every command that acts as a client, with its caller's
// own keys.
type clientFlags struct{ endpoint, region, credentialsFile string }

func (f *clientFlags) bind(set *pflag.FlagSet, endpoint string) {
	set.StringVar(&f.endpoint, "endpoint", "", endpoint)
	set.StringVar(&f.region, "region", "", "region to sign for (default: the environment's, or us-east-1)")
	set.StringVar(&f.credentialsFile, "credentials-file", "", "access key to act with, as AWS's .csv file")
}

// aws is the SDK's configuration: its own sources, with the flags over them.
func (f *clientFlags) aws(ctx context.Context) (aws.Config, error) {
	var opts []func(*awsconfig.LoadOptions) error
	if f.credentialsFile != "" {
		id, secret, err := readKeyFile(f.credentialsFile)
		if err != nil {
			return aws.Config{}, &usageError{err}
		}
		opts = append(opts, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret, "")))
	}
	if f.region != "" {
		opts = append(opts, awsconfig.WithRegion(f.region))
	}
	if endpoint := cmp.Or(f.endpoint, os.Getenv("AWS_ENDPOINT_URL")); endpoint != "" {
		opts = append(opts, awsconfig.WithBaseEndpoint(endpoint),
			awsconfig.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) { o.Client = roleTaker{o.Client, endpoint} }))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return cfg, fmt.Errorf("AWS configuration: %w", err)
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	return cfg, nil
}

// roleTaker takes a profile's role at the endpoint that all else is asked at: the
// SDK has not read AWS_ENDPOINT_URL yet when it makes the client for that.
type roleTaker struct {
	stscreds.AssumeRoleAPIClient
	endpoint string
}

func (t roleTaker) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, opts ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return t.AssumeRoleAPIClient.AssumeRole(ctx, in, append(opts, func(o *sts.Options) { o.BaseEndpoint = cmp.Or(o.BaseEndpoint, &t.endpoint) })...)
}
