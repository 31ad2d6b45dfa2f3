package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// TestLookupPages: pages hold each event once, and a token is good for what it was
// given for: its account, its parameters, its day.
func TestLookupPages(t *testing.T) {
	w := newTrailWorld(t)
	root, other, ctx := w.account(t), w.account(t), t.Context()
	for i := range 7 {
		if _, err := root.IAM.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String(fmt.Sprint("g", i))}); err != nil {
			t.Fatal(err)
		}
	}
	asks := func() *cloudtrail.LookupEventsInput {
		return &cloudtrail.LookupEventsInput{LookupAttributes: attribute(types.LookupAttributeKeyEventName, "CreateGroup"), MaxResults: aws.Int32(3)}
	}
	in, seen, first := asks(), map[string]bool{}, ""
	for pages := 1; ; pages++ {
		out, err := w.lookup(t, root, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			if seen[*e.EventId] {
				t.Errorf("%s came twice", *e.EventId)
			}
			seen[*e.EventId] = true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			if len(seen) != 7 || pages != 3 {
				t.Errorf("%d events on %d pages", len(seen), pages)
			}
			break
		}
		if first == "" {
			first = *out.NextToken
		}
	}
	refused := func(what string, c *clients, change func(*cloudtrail.LookupEventsInput)) {
		t.Helper()
		in := asks()
		in.NextToken = aws.String(first)
		change(in)
		_, err := w.lookup(t, c, in)
		wantError(t, what, err, "InvalidNextTokenException", "")
	}
	refused("another account", other, func(*cloudtrail.LookupEventsInput) {})
	refused("another attribute", root, func(in *cloudtrail.LookupEventsInput) {
		in.LookupAttributes[0].AttributeValue = aws.String("DeleteGroup")
	})
	refused("none", root, func(in *cloudtrail.LookupEventsInput) { in.LookupAttributes = nil })
	refused("another time", root, func(in *cloudtrail.LookupEventsInput) { in.StartTime = aws.Time(time.Now().Add(-time.Hour)) })
	refused("insights", root, func(in *cloudtrail.LookupEventsInput) { in.EventCategory = types.EventCategoryInsight })
	for _, token := range []string{"", "x", "AAAA", strings.Repeat("A", 100_000), first + "A", first[:len(first)-2], "!" + first, base64.RawURLEncoding.EncodeToString([]byte("\x01\x00\x00id"))} {
		refused("forged", root, func(in *cloudtrail.LookupEventsInput) { in.NextToken = aws.String(token) })
	}
	in = asks()
	in.MaxResults, in.NextToken = aws.Int32(50), aws.String(first)
	if out, err := w.lookup(t, root, in); err != nil || len(out.Events) != 4 || out.NextToken != nil {
		t.Errorf("larger pages: %v", err)
	}
	if out, err := w.lookup(t, other, &cloudtrail.LookupEventsInput{}); err != nil || strings.Contains(toldOf(out.Events), "CreateGroup") {
		t.Errorf("another account sees %s, %v", toldOf(out.Events), err)
	}
}

// TestLookupRefusals: CloudTrail's own errors, in its own words for what is wrong.
func TestLookupRefusals(t *testing.T) {
	w := newTrailWorld(t)
	root, now := w.account(t), time.Now()
	for _, c := range []struct {
		code string
		in   cloudtrail.LookupEventsInput
	}{
		{"InvalidMaxResultsException", cloudtrail.LookupEventsInput{MaxResults: aws.Int32(0)}},
		{"InvalidMaxResultsException", cloudtrail.LookupEventsInput{MaxResults: aws.Int32(51)}},
		{"InvalidMaxResultsException", cloudtrail.LookupEventsInput{MaxResults: aws.Int32(-1 << 31)}},
		{"InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: attribute("Region", "x")}},
		{"InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: attribute("EventName", "")}},
		{"InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: attribute("EventName", strings.Repeat("x", 2001))}},
		{"InvalidLookupAttributesException", cloudtrail.LookupEventsInput{LookupAttributes: append(attribute("EventName", "x"), attribute("EventId", "x")...)}},
		{"InvalidEventCategoryException", cloudtrail.LookupEventsInput{EventCategory: "management"}},
		{"InvalidTimeRangeException", cloudtrail.LookupEventsInput{StartTime: aws.Time(now), EndTime: aws.Time(now.Add(-time.Second))}},
	} {
		_, err := w.lookup(t, root, &c.in)
		wantError(t, fmt.Sprintf("%+v", c.in), err, c.code, "")
	}
	for what, in := range map[string]cloudtrail.LookupEventsInput{
		"insights": {EventCategory: types.EventCategoryInsight}, "the far past": {EndTime: aws.Time(time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC))},
		"the far future": {StartTime: aws.Time(time.Date(2250, 1, 1, 0, 0, 0, 0, time.UTC))},
	} {
		out, err := w.lookup(t, root, &in)
		if err != nil || len(out.Events) != 0 || out.NextToken != nil {
			t.Errorf("%s: %v %v", what, out, err)
		}
	}
	// Only the one operation is served.
	_, err := root.CloudTrail.DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{})
	wantError(t, "DescribeTrails", err, "UnknownOperationException", "")
}

// TestLookupTimes: bounds are to the second, and hold the events of both.
func TestLookupTimes(t *testing.T) {
	w := newTrailWorld(t)
	root := w.account(t)
	made, err := root.IAM.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.lookup(t, root, &cloudtrail.LookupEventsInput{LookupAttributes: attribute(types.LookupAttributeKeyResourceName, *made.Group.Arn)})
	if err != nil || len(all.Events) != 1 {
		t.Fatalf("%v %v", all, err)
	}
	at := *all.Events[0].EventTime
	for _, c := range []struct {
		from, to time.Duration
		want     int
	}{{0, 0, 1}, {-time.Second, 0, 1}, {0, time.Second, 1}, {-time.Second, -time.Millisecond, 0}, {time.Millisecond, time.Second, 0}, {time.Second, time.Hour, 0}} {
		out, err := w.lookup(t, root, &cloudtrail.LookupEventsInput{
			StartTime: aws.Time(at.Add(c.from)), EndTime: aws.Time(at.Add(c.to)), LookupAttributes: attribute(types.LookupAttributeKeyEventName, "CreateGroup"),
		})
		if err != nil || len(out.Events) != c.want {
			t.Errorf("from %s to %s: %d events, %v", c.from, c.to, len(out.Events), err)
		}
	}
}

// TestLookupRate: an account looks up twice a second, whatever regions it names, and
// keeps no other account from it. Who may not look up uses none of it.
func TestLookupRate(t *testing.T) {
	w := newTrailWorld(t)
	root, other := w.account(t), w.account(t)
	nobody := w.caller(t, root)
	for range 20 {
		_, err := nobody.CloudTrail.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
		wantError(t, "nobody", err, "AccessDeniedException", "")
	}
	through, throttled := 0, 0
	for i := range 30 {
		_, err := root.CloudTrail.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{}, func(o *cloudtrail.Options) { o.Region = fmt.Sprintf("eu-west-%d", i) })
		if err == nil {
			through++
			continue
		}
		wantError(t, "too many", err, "ThrottlingException", "Rate exceeded")
		throttled++
	}
	if through != 10 || throttled != 20 {
		t.Errorf("%d of 30 went through", through)
	}
	if _, err := other.CloudTrail.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{}); err != nil {
		t.Errorf("another account: %v", err)
	}
	w.passed.Add(int64(5 * time.Second))
	if _, err := root.CloudTrail.LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{}); err != nil {
		t.Errorf("later: %v", err)
	}
}

// TestHostileEvents: whatever a client calls itself and its things, its events are
// JSON of one line, bounded, and found.
func TestHostileEvents(t *testing.T) {
	w := newTrailWorld(t)
	root := w.account(t)
	agents := []string{"a\tb", "\"},{\"eventID\":\"x\"", "\xff\xfe\xc3", strings.Repeat("ü", 20_000), "\u2028<script>", `\u0000\n`}
	for i, agent := range agents {
		if _, err := root.IAM.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String(fmt.Sprint("g", i))}, iam.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("agent", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header = withAgent(in.Request.(*smithyhttp.Request).Header, agent)
				return next.HandleFinalize(ctx, in)
			}), middleware.After)
		})); err != nil {
			t.Fatalf("%.20q: %v", agent, err)
		}
	}
	out, err := w.lookup(t, root, &cloudtrail.LookupEventsInput{LookupAttributes: attribute(types.LookupAttributeKeyReadOnly, "false")})
	if err != nil || len(out.Events) != len(agents) {
		t.Fatalf("%d events, %v", len(out.Events), err)
	}
	slices.Reverse(out.Events)
	for i, e := range out.Events {
		var told struct{ EventID, UserAgent string }
		if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &told); err != nil || strings.ContainsAny(*e.CloudTrailEvent, "\n\r") || len(*e.CloudTrailEvent) > 4<<10 {
			t.Errorf("%.20q: %v %.200q", agents[i], err, *e.CloudTrailEvent)
		}
		if told.EventID != *e.EventId || len(agents[i]) < 100 && told.UserAgent != strings.ToValidUTF8(agents[i], "\ufffd") && i != 2 {
			t.Errorf("%.20q: told as %q", agents[i], told.UserAgent)
		}
	}
}

func withAgent(h http.Header, agent string) http.Header {
	h = h.Clone()
	h.Set("User-Agent", agent)
	return h
}
