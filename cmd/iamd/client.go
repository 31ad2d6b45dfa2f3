package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
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
	if f.endpoint != "" {
		opts = append(opts, awsconfig.WithBaseEndpoint(f.endpoint))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return cfg, fmt.Errorf("AWS configuration: %w", err)
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	return cfg, nil
}
