package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// signing is how a call is signed; what is empty has its usual value.
type signing struct {
	key             aws.Credentials
	service, region string
	ago             time.Duration
	unsigned        bool
	then            func(*http.Request) // done to the request after it is signed
}

// get asks for the orders through the gateway.
func (d *demo) get(ctx context.Context, s signing) (status int, kind, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.iamd.gateway+orders, nil)
	if err != nil {
		return 0, "", "", err
	}
	r.Header.Set("X-Orders-Note", "as signed")
	if s.service == "" {
		s.service = "execute-api"
	}
	if s.region == "" {
		s.region = region
	}
	if !s.unsigned {
		hash := sha256.Sum256(nil)
		if err := v4.NewSigner().SignHTTP(ctx, s.key, r, hex.EncodeToString(hash[:]), s.service, s.region, time.Now().Add(-s.ago)); err != nil {
			return 0, "", "", err
		}
	}
	if s.then != nil {
		s.then(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("x-amzn-ErrorType"), strings.TrimSpace(string(body)), err
}

// invoke is the call that all of this is for.
func (d *demo) invoke(ctx context.Context) error {
	d.title("Call the orders API with the role's keys")
	d.labelled("asked", "GET %s%s, signed for execute-api in %s", d.iamd.gateway, orders, region)
	before, _ := d.upstream.saw()
	status, _, body, err := d.get(ctx, signing{key: d.role})
	if err != nil {
		return err
	}
	after, header := d.upstream.saw()
	d.allowed(status == http.StatusOK && after == before+1, fmt.Sprintf("%d %s", status, body), "")
	principal := header.Get("X-Iamd-Principal-Arn")
	d.allowed(principal == d.sessionARN(), "the upstream is told who", principal)
	d.allowed(header.Get("Authorization") == "" && header.Get("X-Amz-Security-Token") == "",
		"and gets no credentials", "neither Authorization nor X-Amz-Security-Token")
	return nil
}

// refusals are the calls that must not come through.
func (d *demo) refusals(ctx context.Context) error {
	d.title("The same call, not as it should be: AWS's status, code and words")
	other, err := d.user.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &d.roleARN, RoleSessionName: aws.String("other")})
	if err != nil {
		return fmt.Errorf("AssumeRole: %w", err)
	}
	swapped, forged := d.role, d.role
	swapped.SessionToken = *other.Credentials.SessionToken
	forged.SessionToken = swapCase(d.role.SessionToken)
	const (
		signature = "InvalidSignatureException"
		token     = "UnrecognizedClientException"
	)
	before, _ := d.upstream.saw()
	last := ""
	for _, c := range []struct {
		what, kind string
		how        signing
	}{
		{"the user's own keys", "AccessDeniedException", signing{key: d.user.key}},
		{"no signature", "MissingAuthenticationTokenException", signing{unsigned: true}},
		{"another path than signed", signature, signing{key: d.role, then: func(r *http.Request) { r.URL.Path = "/orders/v0/order" }}},
		{"another query", signature, signing{key: d.role, then: func(r *http.Request) { r.URL.RawQuery = "all=1" }}},
		{"another header", signature, signing{key: d.role, then: func(r *http.Request) { r.Header.Set("X-Orders-Note", "changed") }}},
		{"another body", signature, signing{key: d.role, then: func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1
		}}},
		{"a forged session token", token, signing{key: forged}},
		{"another session's token", token, signing{key: swapped}},
		{"a clock 6 minutes slow", signature, signing{key: d.role, ago: 6 * time.Minute}},
		{"signed for eu-west-1", signature, signing{key: d.role, region: "eu-west-1"}},
		{"signed for sts", signature, signing{key: d.role, service: "sts"}},
	} {
		status, kind, body, err := d.get(ctx, c.how)
		if err != nil {
			return err
		}
		text := message(body)
		if text == last {
			text = "the same words"
		} else {
			last = text
		}
		d.refused(status == http.StatusForbidden && kind == c.kind, c.what, fmt.Sprintf("%d %s: %s", status, kind, text))
	}
	after, _ := d.upstream.saw()
	d.allowed(after == before, "the upstream heard of none", fmt.Sprintf("calls that reached it before: %d, after: %d", before, after))
	return nil
}

// message is the text of a refusal, whose member API Gateway writes in two ways.
func message(body string) string {
	var small struct{ Message string }
	if err := json.Unmarshal([]byte(body), &small); err != nil {
		return body
	}
	return small.Message
}

// swapCase changes the letters in the middle of a token.
func swapCase(token string) string {
	i := len(token) / 2
	middle := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c ^ 0x20
		}
		return c
	}, token[i:i+8])
	return token[:i] + middle + token[i+8:]
}
