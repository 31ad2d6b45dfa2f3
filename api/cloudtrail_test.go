package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/server"
	"iamd/server/servertest"
)

func attribute(key types.LookupAttributeKey, value string) []types.LookupAttribute {
	return []types.LookupAttribute{{AttributeKey: key, AttributeValue: aws.String(value)}}
}

// toldOf is what somebody is told of events: their names, in order.
func toldOf(events []types.Event) string {
	var list []string
	for _, e := range events {
		list = append(list, aws.ToString(e.EventName))
	}
	return strings.Join(list, " ")
}

func cloudTrailCases() []actionCase {
	return []actionCase{{
		action: "cloudtrail:LookupEvents", unnamed: true,
		grants: []grant{{"cloudtrail:LookupEvents", "*"}},
		key:    "aws:RequestedRegion", holds: "us-east-1", other: "eu-west-1",
		call: func(ctx context.Context, c *clients, made map[string]string) error {
			out, err := c.CloudTrail.LookupEvents(ctx, &cloudtrail.LookupEventsInput{LookupAttributes: attribute(types.LookupAttributeKeyEventName, "CreateUser")})
			if err != nil {
				return err
			}
			if len(out.Events) != 1 {
				return fmt.Errorf("%d events", len(out.Events))
			}
			made["name"] = aws.ToString(out.Events[0].Resources[0].ResourceName)
			return nil
		},
		effect: func(t *testing.T, root *clients, made map[string]string) {
			u, err := root.IAM.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("caller")})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the user that was made", made["name"], *u.User.UserName)
		},
	}}
}

// TestLookupEvents: an event as AWS tells of it, found by each attribute and by no
// other value of it.
func TestLookupEvents(t *testing.T) {
	w := newTrailWorld(t)
	root, ctx := w.account(t), t.Context()
	user := w.caller(t, root, statement{"Allow", "iam:*", "*", nil}, statement{"Allow", "sts:*", "*", nil})
	if _, err := user.IAM.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("R"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + root.Account + `"},"Action":"sts:AssumeRole"}}`),
	}); err != nil {
		t.Fatal(err)
	}
	session, err := user.STS.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + root.Account + ":role/R"), RoleSessionName: aws.String("of-it")})
	if err != nil {
		t.Fatal(err)
	}
	k := session.Credentials
	taken := w.as(root.Account, *k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
	if _, err := taken.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
		t.Fatal(err)
	}
	find := func(key types.LookupAttributeKey, value string) []types.Event {
		t.Helper()
		out, err := w.lookup(t, root, &cloudtrail.LookupEventsInput{LookupAttributes: attribute(key, value)})
		if err != nil {
			t.Fatal(err)
		}
		return out.Events
	}
	made := find(types.LookupAttributeKeyEventName, "CreateRole")
	if len(made) != 1 {
		t.Fatalf("%d events", len(made))
	}
	e := made[0]
	roleARN := "arn:aws:iam::" + root.Account + ":role/R"
	var whole map[string]any
	if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &whole); err != nil {
		t.Fatal(err)
	}
	same(t, "the event", fmt.Sprint(*e.EventName, *e.EventSource, *e.ReadOnly, *e.Username, whole["eventID"], whole["eventName"], whole["awsRegion"]),
		fmt.Sprint("CreateRole", "iam.amazonaws.com", "false", "caller", *e.EventId, "CreateRole", "us-east-1"))
	if e.EventTime == nil || e.EventTime.Nanosecond() != 0 || !strings.HasPrefix(*e.AccessKeyId, "AKIA") {
		t.Errorf("the event: %v %v", e.EventTime, *e.AccessKeyId)
	}
	named := map[string]string{}
	for _, r := range e.Resources {
		named[*r.ResourceName] = *r.ResourceType
	}
	if named["R"] != "AWS::IAM::Role" || named[roleARN] != "AWS::IAM::Role" {
		t.Errorf("its resources: %v", named)
	}
	for _, c := range []struct {
		key         types.LookupAttributeKey
		value, want string
	}{
		{types.LookupAttributeKeyEventId, *e.EventId, "CreateRole"},
		{types.LookupAttributeKeyEventId, "none", ""},
		{types.LookupAttributeKeyEventName, "CreateRol", ""},
		{types.LookupAttributeKeyReadOnly, "false", "CreateRole CreateAccessKey PutUserPolicy CreateUser"},
		{types.LookupAttributeKeyUsername, "of-it", "GetCallerIdentity"},
		{types.LookupAttributeKeyUsername, "caller", "AssumeRole CreateRole"},
		{types.LookupAttributeKeyAccessKeyId, *k.AccessKeyId, "GetCallerIdentity"},
		{types.LookupAttributeKeyResourceName, "R", "CreateRole"},
		{types.LookupAttributeKeyResourceName, roleARN, "AssumeRole CreateRole"},
		{types.LookupAttributeKeyResourceName, *k.AccessKeyId, "AssumeRole"},
		{types.LookupAttributeKeyResourceType, "AWS::STS::AssumedRole", "AssumeRole"},
		{types.LookupAttributeKeyEventSource, "sts.amazonaws.com", "GetCallerIdentity AssumeRole"},
	} {
		if got := toldOf(find(c.key, c.value)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.key, c.value, got, c.want)
		}
	}
}

// TestLookupRegions: global services' events are in us-east-1 alone, those of STS
// where it was called.
func TestLookupRegions(t *testing.T) {
	w := newWorld(t)
	root, ctx := w.account(t), t.Context()
	user := w.caller(t, root, statement{"Allow", "*", "*", nil})
	key, err := root.IAM.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("caller")})
	if err != nil {
		t.Fatal(err)
	}
	cfg := servertest.Config(w.url, "eu-west-1", *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey, "")
	if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := iam.NewFromConfig(cfg).ListUsers(ctx, &iam.ListUsersInput{}); err != nil {
		t.Fatal(err)
	}
	there, err := cloudtrail.NewFromConfig(cfg).LookupEvents(ctx, &cloudtrail.LookupEventsInput{})
	if err != nil {
		t.Fatal(err)
	}
	here, err := user.CloudTrail.LookupEvents(ctx, &cloudtrail.LookupEventsInput{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "eu-west-1", toldOf(there.Events), "GetCallerIdentity")
	same(t, "us-east-1", toldOf(here.Events), "ListUsers CreateAccessKey CreateAccessKey PutUserPolicy CreateUser")
}

// trailWorld is a world whose clock goes on by a millisecond each time that it is
// read, and by a second with each lookup, as accounts may look up twice a second.
type trailWorld struct {
	*world
	passed *atomic.Int64
}

func newTrailWorld(t *testing.T) trailWorld {
	t.Helper()
	passed, began := new(atomic.Int64), time.Now()
	w := worldOf(t, server.Config{DataDir: t.TempDir(), Now: func() time.Time { return began.Add(time.Duration(passed.Add(int64(time.Millisecond)))) }})
	return trailWorld{w, passed}
}

func (w trailWorld) lookup(t *testing.T, c *clients, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	t.Helper()
	w.passed.Add(int64(time.Second))
	return c.CloudTrail.LookupEvents(t.Context(), in)
}
