package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"iamd/server"
	"iamd/server/servertest"
)

// TestExplainDenial: a denial is explained by the request id that its caller was
// told, while the server runs and when it does not.
func TestExplainDenial(t *testing.T) {
	data := t.TempDir()
	s, err := server.New(t.Context(), server.Config{DataDir: data, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, ended := make(chan server.Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(at server.Addresses) { ready <- at }) }()
	url := address((<-ready).API)
	id := denied(t, s.FirstStart(), url)

	explain := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := command(t.Context(), &out, append([]string{"policy", "explain"}, args...)...)
		return out.String(), err
	}
	look := func(when string) {
		t.Helper()
		text, err := explain("--request-id", id, "--data-dir", data)
		if err != nil {
			t.Fatal(when, err)
		}
		for _, part := range []string{
			"Denied: iam:CreateUser on arn:aws:iam::", "Statement 2 of the identity-based policy user_Bob_p denies it.",
			"Request  " + id + ", ", "Caller   arn:aws:iam::", ":user/Bob (AIDA", "Answer   User: arn:aws:iam::",
			"identity-based policy: explicitDeny", "user_Bob_p, statement 1 (line 1)  Allow  -      applies",
			"user_Bob_p, statement 2 (line 1)  Deny   Never  applies",
			"user_Bob_p, statement 3 (line 1)  Allow  -      does not apply: Condition: StringEquals aws:SourceVpc: the request has no such key",
			"Condition keys that were asked for and not there: aws:SourceVpc",
			"  aws:SourceIp               127.0.0.1", "  aws:UserAgent              aws-sdk-go-v2/",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", when, part, text)
			}
		}
		text, err = explain("--request-id", id, "--data-dir", data, "--format", "json")
		var trace server.Trace
		if err != nil || json.Unmarshal([]byte(text), &trace) != nil || trace.RequestID != id || !trace.Explicit || trace.Statement != 1 {
			t.Errorf("%s: %s, %v", when, text, err)
		}
		if _, err := explain("--request-id", "none", "--data-dir", data); err == nil || !strings.HasPrefix(err.Error(), "No denial with the request id none is known. ") || !strings.HasSuffix(err.Error(), " has no trace.") {
			t.Errorf("%s: no such request: %v", when, err)
		}
		if _, err := explain("--request-id", id, "--data-dir", data, "--format", "xml"); !errors.As(err, new(*usageError)) {
			t.Errorf("%s: format: %v", when, err)
		}
	}
	look("running")
	stop()
	if err := errors.Join(<-ended, s.Close(context.WithoutCancel(ctx))); err != nil {
		t.Fatal(err)
	}
	look("stopped")
	if _, err := explain("--action", "s3:GetObject"); !errors.Is(err, errDenied) {
		t.Errorf("without a request id: %v", err)
	}
}

// denied makes a user, who then asks for what a policy denies, and gives the
// request id.
func denied(t *testing.T, root *server.Credentials, url string) string {
	t.Helper()
	ctx, bob := t.Context(), aws.String("Bob")
	as := func(id, secret string) *iam.Client {
		return iam.NewFromConfig(servertest.Config(url, "us-east-1", id, secret, ""))
	}
	admin := as(root.AccessKeyID, root.SecretAccessKey)
	_, err := admin.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})
	key, err2 := admin.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: bob})
	_, err3 := admin.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: bob, PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Sid":"Never","Effect":"Deny","Action":"iam:Create*","Resource":"*"},` +
			`{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}]}`)})
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	_, err = as(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey).CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("New")})
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	return refused.RequestID
}

// TestWriteTrace: whatever a caller chose is quoted.
func TestWriteTrace(t *testing.T) {
	const odd = "a\x1b[2Jb"
	var out strings.Builder
	err := writeTrace(&out, &server.Trace{
		RequestID: odd, Principal: server.TracedCaller{Account: odd, ARN: odd, ID: odd, AccessKeyID: odd}, Action: odd, Resource: odd, ResourceAccount: odd,
		CrossAccount: true, Message: odd, Reason: odd, Missing: []string{odd}, Omitted: []string{odd},
		Context: []server.TracedKey{{Key: odd, Values: []string{odd}}},
		Types: []server.TracedType{{Type: "service control policy", Level: 1, Result: "implicitDeny", Statements: []server.TracedStatement{
			{Policy: odd, SID: odd, Effect: odd, Element: odd, Detail: odd},
		}}},
	})
	if text := out.String(); err != nil || strings.Contains(text, "\x1b") || strings.Count(text, `a\x1b[2Jb`) != 18 || !strings.Contains(text, "service control policy, level 2: implicitDeny") {
		t.Errorf("%s, %v", text, err)
	}
}
