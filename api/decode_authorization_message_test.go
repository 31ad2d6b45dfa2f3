package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"iamd/server"
)

const messageHeader = "X-Iamd-Encoded-Authorization-Message"

// refusal gives the headers of a refusal, its request id among them.
func refusal(t testing.TB, err error) http.Header {
	t.Helper()
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) {
		t.Fatalf("%v is no answer", err)
	}
	return answer.Response.Header
}

// traceOf gives the trace that a refusal's request id leads to.
func (w *world) traceOf(t testing.TB, err error) *server.Trace {
	t.Helper()
	trace, none := w.server.Trace(context.Background(), refusal(t, err).Get("X-Amzn-Requestid"))
	if none != nil {
		t.Fatal(none)
	}
	return trace
}

func authorizationMessageCases() []actionCase {
	return []actionCase{{
		action: "DecodeAuthorizationMessage", unnamed: true,
		setup: func(t *testing.T, root *clients, made map[string]string) {
			// Who may do nothing is refused with a message.
			_, err := asNobody(t, root).IAM.ListUsers(context.Background(), nil)
			made["message"] = refusal(t, err).Get(messageHeader)
		},
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.STS.DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String(made["message"])})
			if err == nil {
				made["decoded"] = *out.DecodedMessage
			}
			return err
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			u, err := root.IAM.GetUser(context.Background(), &iam.GetUserInput{UserName: aws.String("nobody")})
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{*u.User.Arn, *u.User.UserId, `"action":"iam:ListUsers"`, `"resource":"arn:aws:iam::` + root.Account + `:user/"`} {
				if !strings.Contains(made["decoded"], part) {
					t.Errorf("%s is not in %s", part, made["decoded"])
				}
			}
		},
		grants: []grant{{"sts:DecodeAuthorizationMessage", "*"}},
	}}
}

// asNobody makes a user without any policy, and its clients.
func asNobody(t testing.TB, root *clients) *clients {
	t.Helper()
	ctx, name := context.Background(), aws.String("nobody")
	if _, err := root.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	key, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{url: *root.IAM.Options().BaseEndpoint}
	return w.as(root.Account, *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
}

// TestAuthorizationMessages: every denial of a known caller carries a message,
// in a read, in a write and where policies have no say, and nothing else does;
// only its own account decodes it.
func TestAuthorizationMessages(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	root, other := w.account(t), w.account(t)
	user := w.caller(t, root, statement{"Allow", "iam:Get*", "*", nil}, statement{"Deny", "iam:Create*", "*", nil})
	decode := func(c *clients, message string) (string, error) {
		out, err := c.STS.DecodeAuthorizationMessage(ctx, &sts.DecodeAuthorizationMessageInput{EncodedMessage: aws.String(message)})
		if err != nil {
			return "", err
		}
		return *out.DecodedMessage, nil
	}
	token, err := user.STS.GetSessionToken(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := w.session(root.Account, token.Credentials)
	length := 0
	for name, c := range map[string]struct {
		call     func() error
		explicit bool
		action   string
	}{
		"read": {func() error { _, err := user.IAM.ListUsers(ctx, nil); return err }, false, "iam:ListUsers"},
		"write": {func() error {
			_, err := user.IAM.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")})
			return err
		}, true, "iam:CreateUser"},
		"kind of session": {func() error { _, err := own.STS.GetSessionToken(ctx, nil); return err }, false, "sts:GetSessionToken"},
		"IAM without MFA": {func() error { _, err := own.IAM.ListUsers(ctx, nil); return err }, false, "iam:ListUsers"},
		"decoding itself": {func() error { _, err := decode(user, "x"); return err }, false, "sts:DecodeAuthorizationMessage"},
	} {
		err := c.call()
		message := refusal(t, err).Get(messageHeader)
		if length == 0 {
			length = len(message)
		}
		if len(message) != length || length > 3400 || length == 0 {
			t.Errorf("%s: a message of %d characters, another has %d", name, len(message), length)
		}
		text, err := decode(root, message)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var m struct {
			Allowed, ExplicitDeny bool
			Context               struct{ Action string }
		}
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.Allowed || m.ExplicitDeny != c.explicit || m.Context.Action != c.action {
			t.Errorf("%s: %s, %v", name, text, err)
		}
		_, err = decode(other, message)
		wantError(t, name+" in another account", err, "InvalidAuthorizationMessageException", "Message is not valid")
	}
	_, err = decode(root, "garbage")
	wantError(t, "garbage", err, "InvalidAuthorizationMessageException", "Message is not valid")
	if status := refusalStatus(t, err); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	_, err = decode(root, strings.Repeat("A", 10241))
	wantError(t, "too long", err, "ValidationError", "Member must have length less than or equal to 10240")
	_, err = decode(root, "")
	wantError(t, "empty", err, "ValidationError", "Member must have length greater than or equal to 1")

	_, none := user.IAM.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("none")})
	_, unknown := w.as(root.Account, "AKIAIOSFODNN7EXAMPLE", "secret", "").IAM.ListUsers(ctx, nil)
	for name, err := range map[string]error{"no such user": none, "an unknown key": unknown} {
		if h := refusal(t, err); h.Get(messageHeader) != "" {
			t.Errorf("%s has a message", name)
		} else if _, err := w.server.Trace(ctx, h.Get("X-Amzn-Requestid")); err == nil || !strings.Contains(err.Error(), "NoSuchEntity") {
			t.Errorf("%s has a trace: %v", name, err)
		}
	}
}

func refusalStatus(t testing.TB, err error) int {
	t.Helper()
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) {
		t.Fatalf("%v is no answer", err)
	}
	return answer.HTTPStatusCode()
}
