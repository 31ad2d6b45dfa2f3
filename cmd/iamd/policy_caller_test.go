package main

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"iamd/policy"
)

func TestCalledBy(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for arn, want := range map[string]struct {
		kind                     policy.PrincipalKind
		arn, role, asked, asType string
	}{
		"arn:aws:iam::111111111111:user/alice":               {policy.User, "arn:aws:iam::111111111111:user/alice", "", "arn:aws:iam::111111111111:user/alice", "User"},
		"arn:aws-cn:iam::111111111111:user/a/b/alice":        {policy.User, "arn:aws-cn:iam::111111111111:user/a/b/alice", "", "arn:aws-cn:iam::111111111111:user/a/b/alice", "User"},
		"arn:aws:iam::111111111111:role/p/app":               {policy.Role, "", "arn:aws:iam::111111111111:role/p/app", "arn:aws:iam::111111111111:role/p/app", "AssumedRole"},
		"arn:aws:sts::111111111111:assumed-role/app/session": {policy.Role, "arn:aws:sts::111111111111:assumed-role/app/session", "arn:aws:iam::111111111111:role/app", "arn:aws:iam::111111111111:role/app", "AssumedRole"},
		"arn:aws:iam::111111111111:root":                     {policy.Root, "arn:aws:iam::111111111111:root", "", "arn:aws:iam::111111111111:root", "Account"},
	} {
		var q question
		if err := q.calledBy(arn, now); err != nil {
			t.Errorf("%s: %v", arn, err)
			continue
		}
		p := q.principal
		if p.Kind != want.kind || p.ARN != want.arn || p.RoleARN != want.role || p.Account != "111111111111" {
			t.Errorf("%s: %+v", arn, p)
		}
		for key, value := range map[string]string{
			"aws:PrincipalArn": want.asked, "aws:PrincipalType": want.asType, "aws:PrincipalAccount": "111111111111",
			"aws:CurrentTime": "2026-01-02T03:04:05Z", "aws:EpochTime": "1767323045",
		} {
			if got, _, ok := q.context.Get(key); !ok || got[0] != value {
				t.Errorf("%s: %s is %v, want %s", arn, key, got, value)
			}
		}
		if name, _, ok := q.context.Get("aws:username"); ok != (p.Kind == policy.User) || ok && name[0] != "alice" {
			t.Errorf("%s: aws:username is %v", arn, name)
		}
	}
	for _, arn := range []string{
		"alice", "arn:aws:iam::1:user/alice", "arn:aws:iam::111111111111:group/g", "arn:aws:iam::111111111111:user/", "arn:aws:iam::111111111111:user",
		"arn:aws:sts::111111111111:assumed-role/app", "arn:aws:sts::111111111111:assumed-role/app/", "arn:aws:sts::111111111111:assumed-role//s",
		"arn:aws:sts::111111111111:assumed-role/a/b/c", "arn:aws:iam:us-east-1:111111111111:user/alice", "arn:aws:s3:::bucket", "xrn:aws:iam::111111111111:root",
	} {
		var q question
		if err := q.calledBy(arn, now); !errors.As(err, new(*usageError)) {
			t.Errorf("%s: %v", arn, err)
		}
	}
}

func TestContextFlags(t *testing.T) {
	var q question
	if err := q.set([]string{
		"aws:SourceIp=203.0.113.7", "aws:TagKeys=a", "AWS:TAGKEYS=b,c", "aws:CalledVia=[a,b]", "s3:prefix=", "aws:RequestTag/a=b=c", "aws:Many=[]", "aws:One=[x]",
	}); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]struct {
		values []string
		many   bool
	}{
		"aws:sourceip": {[]string{"203.0.113.7"}, false}, "aws:tagkeys": {[]string{"a", "b,c"}, true}, "aws:CalledVia": {[]string{"a", "b"}, true},
		"s3:prefix": {[]string{""}, false}, "aws:RequestTag/a": {[]string{"b=c"}, false}, "aws:One": {[]string{"x"}, true},
	} {
		values, many, ok := q.context.Get(key)
		if !ok || many != want.many || !reflect.DeepEqual(values, want.values) {
			t.Errorf("%s: %q %t %t", key, values, many, ok)
		}
	}
	if values, _, _ := q.context.Get("aws:Many"); len(values) != 0 {
		t.Errorf("no values: %q", values)
	}
	if q.owned {
		t.Error("aws:ResourceAccount was not given")
	}
	if err := q.set([]string{"AWS:ResourceAccount=1"}); err != nil || !q.owned {
		t.Errorf("aws:ResourceAccount: %t %v", q.owned, err)
	}
	for _, bad := range []string{"", "x", "aws:SourceIp", "=x", "nocolon=x", ":a=x", "aws:=x"} {
		if err := q.set([]string{bad}); !errors.As(err, new(*usageError)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
