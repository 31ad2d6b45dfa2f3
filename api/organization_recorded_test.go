package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// observed holds what is answered against what AWS was seen to answer, in
// September 2026. Calls go out as they are written, without the SDK's own checks.
// Ids have names, <policy1> being the first policy that an answer showed.
type observed struct {
	t     *testing.T
	names map[string]string // by what they stand for
	real  map[string]string
	made  map[string]int
}

func newObserved(t *testing.T, names map[string]string) *observed {
	r := &observed{t: t, names: map[string]string{}, real: map[string]string{}, made: map[string]int{}}
	for name, id := range names {
		r.name(name, id)
	}
	return r
}

func (r *observed) name(name, id string) { r.names[id], r.real["<"+name+">"] = "<"+name+">", id }

var (
	anID       = regexp.MustCompile(`\b(p|rp|ou|h|car)-[a-z0-9][a-z0-9-]{7,31}\b`)
	aName      = regexp.MustCompile(`<[a-z0-9]+>`)
	kindsOfIDs = map[string]string{"p": "policy", "rp": "delegation", "ou": "unit", "h": "handshake", "car": "request"}
)

// call is an answer: JSON, or an exception's code, reason and text.
func (r *observed) call(by *clients, action, in string) string {
	r.t.Helper()
	status, body := organizationsOnWire(r.t, by, action, aName.ReplaceAllStringFunc(in, func(name string) string {
		if id, ok := r.real[name]; ok {
			return id
		}
		return name
	}))
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		r.t.Fatalf("%s: %d %s", action, status, body)
	}
	if status != http.StatusOK {
		if status != http.StatusBadRequest {
			r.t.Errorf("%s: status %d", action, status)
		}
		text := fmt.Sprint(answer["__type"], ": ", answer["Message"])
		if reason, ok := answer["Reason"]; ok {
			text = fmt.Sprint(answer["__type"], " ", reason, ": ", answer["Message"])
		}
		return text
	}
	shown, err := json.Marshal(r.plain(answer, ""))
	if err != nil {
		r.t.Fatal(err)
	}
	shown = bytes.NewBuffer(bytes.ReplaceAll(bytes.ReplaceAll(shown, []byte(`\u003c`), []byte("<")), []byte(`\u003e`), []byte(">"))).Bytes()
	return string(shown)
}

// plain gives ids their names and takes away what time it is.
func (r *observed) plain(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for k, sub := range v {
			v[k] = r.plain(sub, k)
		}
	case []any:
		for i, sub := range v {
			v[i] = r.plain(sub, key)
		}
	case float64:
		if strings.HasSuffix(key, "Timestamp") {
			return 0
		}
	case string:
		if key == "NextToken" {
			return "a token"
		}
		s := anID.ReplaceAllStringFunc(v, func(id string) string {
			name, known := r.names[id]
			if !known {
				kind := kindsOfIDs[id[:strings.Index(id, "-")]]
				r.made[kind]++
				r.name(fmt.Sprint(kind, r.made[kind]), id)
				name = r.names[id]
			}
			return name
		})
		for id, name := range r.names {
			s = strings.ReplaceAll(s, id, name)
		}
		return s
	}
	return v
}

// a call, and what it was answered. "" is an answer without members.
type exchange struct{ action, in, want string }

func (r *observed) hold(by *clients, list ...exchange) {
	r.t.Helper()
	for _, e := range list {
		want := e.want
		if want == "" {
			want = "{}"
		}
		if got := r.call(by, e.action, e.in); got != want {
			r.t.Errorf("%s %s\n got %s\nwant %s", e.action, clipped(e.in), got, want)
		}
	}
}

func clipped(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

func organizationsOnWire(t *testing.T, c *clients, action, in string) (status int, body []byte) {
	t.Helper()
	opt := c.Organizations.Options()
	key, err := opt.Credentials.Retrieve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, aws.ToString(opt.BaseEndpoint)+"/", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+action)
	hash := sha256.Sum256([]byte(in))
	if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "organizations", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body
}

const (
	hDenied   = "AccessDeniedException: You don't have permissions to access this resource."
	hPattern  = ": You provided a value that does not match the required pattern."
	hRequired = ": You must provide a value for the parameter."
	hShort    = ": You provided a string parameter that is shorter than allowed."
	hLong     = ": You provided a string that exceeds that maximum length."
	hToken    = "InvalidInputException INVALID_NEXT_TOKEN: You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API."
	hBelow    = "InvalidInputException MIN_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that is below the minimum allowed."
	hAbove    = "InvalidInputException MAX_VALUE_EXCEEDED:MAX_RESULTS: You provided a value that exceeds the maximum allowed."
	hDocument = "MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type."
)

// TestRecordedInputs: names, descriptions, tags and pages.
func TestRecordedInputs(t *testing.T) {
	w := newWorld(t)
	root, made := w.account(t), map[string]string{}
	inTree(t, root, made)
	policy := newControl(t, root, "Own", scp, controlS3)
	r := newObserved(t, map[string]string{"management": root.Account, "organization": made["organization"], "root": made["root"], "unit": made["unit"], "policy": policy})
	unit := func(name string) string {
		return `{"OrganizationalUnit":{"Arn":"arn:aws:organizations::<management>:ou/<organization>/<unit>","Id":"<unit>","Name":"` + name + `","Path":"<organization>/<root>/<unit>/"}}`
	}
	update := func(more string) string { return `{"OrganizationalUnitId":"<unit>"` + more + `}` }
	long := strings.Repeat("é", 128)
	r.hold(root,
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"changed"`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(``), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":null`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:NAME" + hShort},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":" "`), unit("changed")},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"` + long + `"`), unit(long)},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"` + long + `é"`), "InvalidInputException MAX_LENGTH_EXCEEDED:NAME" + hLong},
		exchange{"UpdateOrganizationalUnit", `{"OrganizationalUnitId":"invalid","Name":"rejected"}`, "InvalidInputException INVALID_PATTERN:ORGANIZATIONAL_UNIT_ID" + hPattern},
		exchange{"UpdateOrganizationalUnit", update(`,"Name":"ignored","AccountId":"invalid"`), unit("ignored")},
	)
	// UpdatePolicy answers with what it was given, and the text.
	content, err := json.Marshal(controlS3)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(named string) string {
		fields := strings.Split(named, "|")
		return `{"Policy":{"Content":` + string(content) + `,"PolicySummary":{"Arn":"arn:aws:organizations::<management>:policy/<organization>/service_control_policy/<policy>","AwsManaged":false` +
			fields[0] + `,"Id":"<policy>"` + fields[1] + `,"Type":"SERVICE_CONTROL_POLICY"}}}`
	}
	change := func(more string) string { return `{"PolicyId":"<policy>"` + more + `}` }
	text := strings.Repeat("é", 512)
	r.hold(root,
		exchange{"UpdatePolicy", change(`,"Description":"` + text + `"`), answer(`,"Description":"` + text + `"|`)},
		exchange{"UpdatePolicy", change(``), answer(`|`)},
		exchange{"UpdatePolicy", change(`,"Description":null`), answer(`|`)},
		exchange{"UpdatePolicy", change(`,"Description":"` + text + `é"`), "InvalidInputException MAX_LENGTH_EXCEEDED:DESCRIPTION" + hLong},
		exchange{"UpdatePolicy", change(`,"Description":""`), answer(`,"Description":""|`)},
		exchange{"DescribePolicy", change(``), answer(`,"Description":"` + text + `"|,"Name":"Own"`)},
		exchange{"UpdatePolicy", change(`,"Name":" "`), answer(`|,"Name":" "`)},
		exchange{"DescribePolicy", change(``), answer(`,"Description":"` + text + `"|,"Name":" "`)},
		exchange{"UpdatePolicy", change(`,"Name":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:NAME" + hShort},
		exchange{"UpdatePolicy", change(`,"Name":"changed","Description":"next"`), answer(`,"Description":"next"|,"Name":"changed"`)},
		exchange{"UpdatePolicy", change(`,"Content":""`), "InvalidInputException MIN_LENGTH_EXCEEDED:CONTENT" + hShort},
		exchange{"UpdatePolicy", change(`,"Content":` + string(content)), answer(`|`)},
	)
	tag := func(tags string) string { return `{"ResourceId":"<policy>"` + tags + `}` }
	key, val := long, strings.Repeat("é", 256)
	r.hold(root,
		exchange{"TagResource", tag(`,"Tags":[{"Key":"first","Value":"value"}]`), ""},
		exchange{"TagResource", tag(`,"Tags":[]`), ""},
		exchange{"TagResource", tag(`,"Tags":null`), "InvalidInputException INPUT_REQUIRED:TAGS" + hRequired},
		exchange{"TagResource", tag(``), "InvalidInputException INPUT_REQUIRED:TAGS" + hRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"rejected","Value":null}]`), "InvalidInputException INPUT_REQUIRED:TAGS_1_MEMBER_VALUE" + hRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"rejected"}]`), "InvalidInputException INPUT_REQUIRED:TAGS_1_MEMBER_VALUE" + hRequired},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"same","Value":"a"},{"Key":"same","Value":"b"}]`), "InvalidInputException DUPLICATE_TAG_KEY: Your request includes duplicate tag keys."},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"` + key + `","Value":"` + val + `"}]`), ""},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"valid","Value":"pending"},{"Key":"` + key + `é","Value":"rejected"}]`), "InvalidInputException MAX_LENGTH_EXCEEDED:TAGS_2_MEMBER_KEY" + hLong},
		exchange{"TagResource", tag(`,"Tags":[{"Key":"first","Value":""}]`), ""},
		exchange{"ListTagsForResource", tag(``), `{"Tags":[{"Key":"first","Value":""},{"Key":"` + key + `","Value":"` + val + `"}]}`},
		exchange{"UntagResource", tag(`,"TagKeys":[]`), ""},
		exchange{"UntagResource", tag(`,"TagKeys":null`), "InvalidInputException INPUT_REQUIRED:TAG_KEYS" + hRequired},
		exchange{"UntagResource", tag(``), "InvalidInputException INPUT_REQUIRED:TAG_KEYS" + hRequired},
		exchange{"UntagResource", tag(`,"TagKeys":["first"]`), ""},
		exchange{"UntagResource", tag(`,"TagKeys":["missing"]`), ""},
		exchange{"ListTagsForResource", tag(``), `{"Tags":[{"Key":"` + key + `","Value":"` + val + `"}]}`},
	)
	page := func(more string) string { return `{"ParentId":"<unit>"` + more + `}` }
	r.hold(root,
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":0`), hBelow},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":21`), hAbove},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":null`), `{"OrganizationalUnits":[]}`},
		exchange{"ListOrganizationalUnitsForParent", page(`,"MaxResults":1`), `{"OrganizationalUnits":[]}`},
		exchange{"ListOrganizationalUnitsForParent", page(`,"NextToken":""`), hToken},
	)
	// Where a unit under a unit stands, and an account.
	below := `{"Arn":"arn:aws:organizations::<management>:ou/<organization>/<unit1>","Id":"<unit1>","Name":"C","Path":"<organization>/<root>/<unit>/<unit1>/"}`
	member := `{"Arn":"arn:aws:organizations::<management>:account/<organization>/<management>","Email":"` + emailOf(t, root) + `","Id":"<management>","JoinedMethod":"INVITED","JoinedTimestamp":0,` +
		`"Name":"test-1","Paths":["<organization>/<root>/<management>/"],"State":"ACTIVE","Status":"ACTIVE"}`
	r.hold(root,
		exchange{"CreateOrganizationalUnit", page(`,"Name":"C"`), `{"OrganizationalUnit":` + below + `}`},
		exchange{"DescribeOrganizationalUnit", `{"OrganizationalUnitId":"<unit1>"}`, `{"OrganizationalUnit":` + below + `}`},
		exchange{"ListOrganizationalUnitsForParent", page(``), `{"OrganizationalUnits":[` + below + `]}`},
		exchange{"DescribeAccount", `{"AccountId":"<management>"}`, `{"Account":` + member + `}`},
		exchange{"ListAccounts", `{}`, `{"Accounts":[` + member + `]}`},
		exchange{"ListAccountsForParent", `{"ParentId":"<root>"}`, `{"Accounts":[` + member + `]}`},
		exchange{"EnableAllFeatures", `{}`, "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES: All features are already enabled on this organization."},
		exchange{"EnableAllFeatures", `{"Unknown":"ignored"}`, "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES: All features are already enabled on this organization."},
	)
	guest := w.account(t)
	join(t, root, guest)
	r.hold(guest, exchange{"EnableAllFeatures", `{}`, hDenied})
}

func emailOf(t *testing.T, root *clients) string {
	t.Helper()
	return *members(t, root)[0].Email
}

// TestRecordedCreation: an account whose address is taken.
func TestRecordedCreation(t *testing.T) {
	root, made := newWorld(t).account(t), map[string]string{}
	inTree(t, root, made)
	r := newObserved(t, nil)
	failed := `{"AccountName":"New","CompletedTimestamp":0,"FailureReason":"EMAIL_ALREADY_EXISTS","Id":"<request1>","RequestedTimestamp":0,"State":"FAILED"}`
	r.hold(root,
		exchange{"CreateAccount", `{"AccountName":"New","Email":"` + emailOf(t, root) + `"}`, `{"CreateAccountStatus":{"AccountName":"New","Id":"<request1>","RequestedTimestamp":0,"State":"IN_PROGRESS"}}`},
		exchange{"DescribeCreateAccountStatus", `{"CreateAccountRequestId":"<request1>"}`, `{"CreateAccountStatus":` + failed + `}`},
		exchange{"ListCreateAccountStatus", `{"States":["FAILED"]}`, `{"CreateAccountStatuses":[` + failed + `]}`},
	)
}

// TestRecordedHandshakes: invitations, from both sides.
func TestRecordedHandshakes(t *testing.T) {
	w := newWorld(t)
	host, guest, member, made := w.account(t), w.account(t), w.account(t), map[string]string{}
	inTree(t, host, made)
	join(t, host, member)
	other := map[string]string{}
	inTree(t, guest, other)
	r := newObserved(t, map[string]string{
		"host": host.Account, "member": member.Account, "guest": guest.Account,
		"org": made["organization"][len("o-"):],
	})
	addresses := map[string]string{}
	for _, c := range []*clients{host, guest} {
		for _, a := range members(t, c) {
			addresses[*a.Id] = *a.Email
		}
	}
	email := func(c *clients) string { return addresses[c.Account] }
	const noParty = "InvalidInputException INVALID_PARTY_TYPE_TARGET: You specified an invalid party type as the target parameter."
	toMember := `"Target":{"Type":"ACCOUNT","Id":"<member>"}`
	r.hold(host,
		exchange{"InviteAccountToOrganization", `{}`, "InvalidInputException INVALID_PATTERN" + hPattern},
		exchange{"InviteAccountToOrganization", `{"Target":{}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"ORGANIZATION","Id":"<guest>"}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"INVALID","Id":"<guest>"}}`, noParty},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"ACCOUNT","Id":"bad"}}`, "InvalidInputException INVALID_PATTERN" + hPattern},
		exchange{"InviteAccountToOrganization", `{"Target":{"Type":"EMAIL","Id":"invalid"}}`, "InvalidInputException INVALID_EMAIL_ADDRESS_TARGET: You specified an invalid email address for the invited account owner."},
		exchange{"InviteAccountToOrganization", `{` + toMember + `}`, "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION: The AWS account is already a member of an organization."},
		exchange{"InviteAccountToOrganization", `{` + toMember + `,"Notes":"` + strings.Repeat("x", 1025) + `"}`, "InvalidInputException MAX_LENGTH_EXCEEDED:NOTES" + hLong},
		exchange{"InviteAccountToOrganization", `{` + toMember + `,"Tags":[{"Key":"same","Value":"one"},{"Key":"same","Value":"two"}]}`, "InvalidInputException DUPLICATE_TAG_KEY: Your request includes duplicate tag keys."},
	)
	for _, action := range []string{"DescribeHandshake", "AcceptHandshake", "DeclineHandshake", "CancelHandshake"} {
		r.hold(host,
			exchange{action, `{}`, "InvalidInputException INPUT_REQUIRED:HANDSHAKE_ID" + hRequired},
			exchange{action, `{"HandshakeId":""}`, "InvalidInputException INVALID_PATTERN:HANDSHAKE_ID" + hPattern},
			exchange{action, `{"HandshakeId":"bad"}`, "InvalidInputException INVALID_PATTERN:HANDSHAKE_ID" + hPattern},
			exchange{action, `{"HandshakeId":"h-00000000"}`, "HandshakeNotFoundException: You specified a handshake that doesn't exist."},
		)
	}
	for _, action := range []string{"ListHandshakesForAccount", "ListHandshakesForOrganization"} {
		r.hold(guest,
			exchange{action, `{}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ActionType":"INVITE","ParentHandshakeId":"h-00000000"}}`, "InvalidInputException MAX_LIMIT_EXCEEDED_FILTER: You specified too many filter parameters."},
			exchange{action, `{"Filter":{}}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ParentHandshakeId":"h-00000000"}}`, `{"Handshakes":[]}`},
			exchange{action, `{"Filter":{"ActionType":"invalid"}}`, "InvalidInputException INVALID_ENUM:FILTER_ACTION_TYPE: You specified an invalid value."},
			exchange{action, `{"NextToken":"bad"}`, hToken},
		)
	}
	invite := `{"Target":{"Type":"EMAIL","Id":"` + email(guest) + `"},"Notes":"Join us","Tags":[{"Key":"owner","Value":"own"}]}`
	shown := func(id, state string) string {
		return `{"Action":"INVITE","Arn":"arn:aws:organizations::<host>:handshake/o-<org>/invite/` + id + `","ExpirationTimestamp":0,"Id":"` + id + `",` +
			`"Parties":[{"Id":"<org>","Type":"ORGANIZATION"},{"Id":"` + email(guest) + `","Type":"EMAIL"}],"RequestedTimestamp":0,` +
			`"Resources":[{"Resources":[{"Type":"MASTER_EMAIL","Value":"` + email(host) + `"},{"Type":"MASTER_NAME","Value":"test-1"},{"Type":"ORGANIZATION_FEATURE_SET","Value":"ALL"}],` +
			`"Type":"ORGANIZATION","Value":"o-<org>"},{"Type":"EMAIL","Value":"` + email(guest) + `"},{"Type":"NOTES","Value":"Join us"}],"State":"` + state + `"}`
	}
	id := func(name string) string { return `{"HandshakeId":"` + name + `"}` }
	one := func(handshake string) string { return `{"Handshake":` + handshake + `}` }
	const (
		already    = "HandshakeAlreadyInStateException: The handshake is already in the requested state."
		transition = "InvalidHandshakeTransitionException: You cannot perform this operation on a handshake in its current state, such as attempting to cancel a handshake that was previously accepted or attempting to accept a handshake that was declined."
	)
	first, second := "<handshake1>", "<handshake2>"
	r.hold(host,
		exchange{"ListHandshakesForAccount", `{}`, `{"Handshakes":[]}`},
		exchange{"InviteAccountToOrganization", invite, one(shown(first, "OPEN"))},
		exchange{"InviteAccountToOrganization", invite, "DuplicateHandshakeException: A handshake with the specified type and parameters already exists for the given parties."},
		exchange{"DescribeHandshake", id(first), one(shown(first, "OPEN"))},
		exchange{"AcceptHandshake", id(first), hDenied},
		exchange{"DeclineHandshake", id(first), hDenied},
	)
	r.hold(guest,
		exchange{"DescribeHandshake", id(first), one(shown(first, "OPEN"))},
		exchange{"ListHandshakesForAccount", `{}`, `{"Handshakes":[` + shown(first, "OPEN") + `]}`},
		exchange{"CancelHandshake", id(first), hDenied},
		exchange{"AcceptHandshake", id(first), "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION: The AWS account is already a member of an organization."},
		// AWS calls it accepted all the same, and nothing comes of it; here it stays open.
		exchange{"DeclineHandshake", id(first), one(shown(first, "DECLINED"))},
		exchange{"DeclineHandshake", id(first), already},
		exchange{"AcceptHandshake", id(first), transition},
	)
	r.hold(host,
		exchange{"CancelHandshake", id(first), transition},
		exchange{"InviteAccountToOrganization", invite, one(shown(second, "OPEN"))},
		exchange{"CancelHandshake", id(second), one(shown(second, "CANCELED"))},
		exchange{"CancelHandshake", id(second), already},
	)
	r.hold(guest,
		exchange{"AcceptHandshake", id(second), transition},
		exchange{"DeclineHandshake", id(second), transition},
	)
	// One that was accepted shows who came.
	r.hold(guest, exchange{"DeleteOrganization", `{}`, ""})
	third := "<handshake3>"
	came := strings.Replace(shown(third, "ACCEPTED"), `{"Id":"`+email(guest)+`","Type":"EMAIL"}`, `{"Id":"<guest>","Type":"ACCOUNT"}`, 1)
	r.hold(host, exchange{"InviteAccountToOrganization", invite, one(shown(third, "OPEN"))})
	r.hold(guest,
		exchange{"AcceptHandshake", id(third), one(came)},
		exchange{"DescribeHandshake", id(third), one(came)},
		exchange{"AcceptHandshake", id(third), already},
		exchange{"DeclineHandshake", id(third), transition},
	)
	r.hold(host, exchange{"CancelHandshake", id(third), transition})
}
