package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"iamd/audit"
	"iamd/guard"
	"iamd/iam"
	"iamd/limits"
	"iamd/wire"
)

// Choices where AWS tells nothing, or not all:
//   - The two lookups a second that AWS allows an account are counted over five
//     seconds, so that ten may come at once; not for each region, as callers name
//     those at will.
//   - The user name of a session of a role is the session's name, of the root user
//     root, as the event history in AWS's console has them.
//   - A token is good for a day, and for any MaxResults.
//   - Times are compared as they are shown, to the second.
var lookups = limits.Bound{Tries: 10, Span: 5 * time.Second}

const (
	lookupPage  = 50 // events of an answer, unless fewer are asked for
	lookupToken = 24 * time.Hour
	// lookupsOfOne are an account's lookups that run or wait at one time.
	lookupsOfOne = 4
	// lookupsAtOnce are those of all accounts that run at one time: each may hold some
	// ten megabytes.
	lookupsAtOnce = 4
)

func cloudTrailActions() []Action {
	return []Action{row("cloudtrail", "LookupEvents", checkLookupEvents, (*API).lookupEvents)}
}

// checkLookupEvents: the action knows no resources.
func checkLookupEvents(_ *Call, action string, _ *cloudtrail.LookupEventsInput) ([]guard.Check, error) {
	return one(guard.Check{Action: action, Resource: "*", Unnamed: true})
}

// lookupEvents tells of the caller's account's management events in the region
// that the request was signed for, as AWS does: those of global services (IAM,
// Organizations, the console's sign-ins) are in us-east-1 and nowhere else, those
// of STS where it was called.
func (a *API) lookupEvents(c *Call, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
	if len(in.LookupAttributes) > 1 {
		return nil, invalidLookup("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
	}
	if in.StartTime != nil && in.EndTime != nil && in.StartTime.After(*in.EndTime) {
		return nil, invalidLookup("InvalidTimeRangeException", "The end time must not be before the start time.")
	}
	if !a.lookups.Begin(c.Home, c.Time) {
		return nil, tooManyLookups()
	}
	asked := lookupOf(c, in)
	q := audit.Query{Limit: lookupPage, Match: asked.matches}
	if in.MaxResults != nil {
		q.Limit = int(*in.MaxResults)
	}
	if in.StartTime != nil {
		q.From = in.StartTime.Add(time.Second - 1).Truncate(time.Second)
	}
	if in.EndTime != nil {
		q.To = in.EndTime.Truncate(time.Second).Add(time.Second)
	}
	if in.NextToken != nil {
		after, ok := a.openLookup(c, asked, *in.NextToken)
		if !ok {
			return nil, invalidLookup("InvalidNextTokenException", "The token is not valid, is too old, or was given for other parameters.")
		}
		q.After = after
	}
	out := &cloudtrail.LookupEventsOutput{Events: []types.Event{}}
	if in.EventCategory == types.EventCategoryInsight {
		return out, nil // there are no insights
	}
	var page audit.Page
	err := a.looking.Do(c.Context, c.Home, func() (err error) {
		page, err = a.cfg.Audit.Lookup(c.Context, c.Home, c.Time, q)
		return err
	})
	var busy *iam.Error
	switch {
	case errors.As(err, &busy) && busy.Code == iam.CodeThrottling:
		return nil, tooManyLookups()
	case err != nil:
		return nil, err
	}
	for _, data := range page.Events {
		told, _ := readFiled(data)
		out.Events = append(out.Events, told.show(data))
	}
	if page.Next != nil {
		out.NextToken = aws.String(a.sealLookup(c, asked, *page.Next))
	}
	return out, nil
}

func invalidLookup(code, message string) error {
	return &wire.Error{Code: code, Message: message, Status: http.StatusBadRequest}
}

func tooManyLookups() error { return invalidLookup("ThrottlingException", "Rate exceeded") }

// lookup is what is asked for, with all that a token is bound to.
type lookup struct {
	region     string
	key, value string // of the attribute; empty: all
	bound      []byte
	// part is what the text of an event holds if it can match; nil: anything.
	part []byte
}

func lookupOf(c *Call, in *cloudtrail.LookupEventsInput) *lookup {
	l := &lookup{region: c.Caller.Region}
	if len(in.LookupAttributes) == 1 {
		l.key, l.value = string(in.LookupAttributes[0].AttributeKey), aws.ToString(in.LookupAttributes[0].AttributeValue)
	}
	h := sha256.New()
	for _, s := range []string{l.region, l.key, l.value, stamp(in.StartTime), stamp(in.EndTime), string(in.EventCategory)} {
		// Lengths tell apart what would read the same in a row.
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	l.bound = h.Sum(nil)
	switch types.LookupAttributeKey(l.key) {
	case types.LookupAttributeKeyEventId, types.LookupAttributeKeyEventName, types.LookupAttributeKeyEventSource,
		types.LookupAttributeKeyAccessKeyId:
		// As it is written in the event: most are not it, and need not be read.
		l.part = wire.AppendJSONString(nil, l.value)
	case types.LookupAttributeKeyReadOnly:
		l.part = []byte(`"readOnly":` + l.value)
	}
	return l
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// matches tells whether an event is asked for. What cannot be read is: it is told of
// rather than passed over.
func (l *lookup) matches(data []byte) bool {
	if l.part != nil && !bytes.Contains(data, l.part) {
		return false
	}
	told, ok := readFiled(data)
	return !ok || told.EventCategory == "Management" && told.AWSRegion == l.region && told.has(l.key, l.value)
}

// tokenForm is the first byte of what a token seals: its form.
const tokenForm = 1

func (a *API) sealLookup(c *Call, l *lookup, at audit.Place) string {
	plain := binary.AppendVarint([]byte{tokenForm}, c.Time.Unix())
	plain = binary.AppendVarint(plain, at.Time.UnixMicro())
	return base64.RawURLEncoding.EncodeToString(a.cfg.SealPage(l.tokenOf(c), append(plain, at.ID...)))
}

func (a *API) openLookup(c *Call, l *lookup, token string) (at audit.Place, ok bool) {
	const longest = 2 << 10
	if len(token) > longest {
		return at, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return at, false
	}
	plain, err := a.cfg.OpenPage(l.tokenOf(c), sealed)
	if err != nil || len(plain) == 0 || plain[0] != tokenForm {
		return at, false
	}
	plain = plain[1:]
	made, n := binary.Varint(plain)
	if n <= 0 || c.Time.Sub(time.Unix(made, 0)) > lookupToken {
		return at, false
	}
	plain = plain[n:]
	micros, n := binary.Varint(plain)
	if n <= 0 || n == len(plain) {
		return at, false
	}
	return audit.Place{Time: time.UnixMicro(micros).UTC(), ID: string(plain[n:])}, true
}

// tokenOf is what a token is bound to: the account and what it asked for.
func (l *lookup) tokenOf(c *Call) string { return c.Home + "/" + string(l.bound) }
