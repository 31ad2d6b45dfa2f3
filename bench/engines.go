package main

import (
	"fmt"
	"slices"
	"strings"

	minio "github.com/minio/pkg/v3/policy"

	"iamd/policy"
)

// engine answers questions by the policies of a case.
type engine struct {
	name string
	// load reads the policies, once. What it returns makes a question ready, once too; the last function is what is
	// timed.
	load func(c *testCase) (func(q question) (func() bool, error), error)
}

func engines() []engine {
	return []engine{
		{"iamd", loadIAMD},
		{"minio/pkg/policy", loadMinIO},
		{"cedar-go", loadCedar},
		{"opa", loadOPA},
		{"casbin", loadCasbin},
	}
}

// attached compiles a case's policies.
func attached(c *testCase) ([]policy.Attached, error) {
	var out []policy.Attached
	for i, p := range c.policies {
		var whole policy.Document
		for part := range slices.Chunk(p, 1000) { // Parse refuses what is much longer than AWS takes
			d, err := policy.Parse(document(part))
			if err != nil {
				return nil, err
			}
			whole.Version, whole.Statements = d.Version, append(whole.Statements, d.Statements...)
		}
		out = append(out, policy.Attached{ID: fmt.Sprint(i), Policy: policy.Compile(&whole, policy.CompileOptions{})})
	}
	return out, nil
}

func loadIAMD(c *testCase) (func(q question) (func() bool, error), error) {
	list, err := attached(c)
	if err != nil {
		return nil, err
	}
	return ready(&policy.Policies{Identity: list}), nil
}

// ready makes questions ready for policies.
func ready(p *policy.Policies) func(q question) (func() bool, error) {
	return func(q question) (func() bool, error) {
		ctx := &policy.Context{}
		ctx.Set("aws:username", q.user)
		ctx.Set("aws:SourceIp", q.ip)
		ctx.Set("aws:CurrentTime", q.now)
		req := &policy.Request{
			Principal: policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/" + q.user},
			Action:    q.action, Resource: "arn:aws:s3:::" + q.bucket + "/" + q.key, Context: ctx,
		}
		return func() bool { return policy.Decide(req, p).Allowed }, nil
	}
}

// loadMinIO reads the same documents, and merges them as a MinIO server does with the policies of one user.
func loadMinIO(c *testCase) (func(q question) (func() bool, error), error) {
	var all []minio.Policy
	for _, p := range c.policies {
		one, err := minio.ParseConfig(strings.NewReader(string(document(p))))
		if err != nil {
			return nil, err
		}
		all = append(all, *one)
	}
	merged := all[0]
	if len(all) > 1 {
		merged = minio.MergePolicies(all...)
	}
	return func(q question) (func() bool, error) {
		args := minio.Args{
			AccountName: q.user, Action: minio.Action(q.action), BucketName: q.bucket, ObjectName: q.key,
			ConditionValues: map[string][]string{"username": {q.user}, "SourceIp": {q.ip}, "CurrentTime": {q.now}},
		}
		return func() bool { return merged.IsAllowed(args) }, nil
	}, nil
}
