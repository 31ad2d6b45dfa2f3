package api_test

import (
	_ "embed" // for the tables
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"iamd/org"
	"iamd/server"
)

// organizationRefusals is a row for each error that an action of Organizations is
// made to give: actions, who asks, code, reason after a slash if there is one, and
// the request; AWS's words are in the next line. A row of "=" says what an action is
// asked where no other request stands. Instead of actions "*" stands for all that
// declare the code, and for whom no other row gives it.
//
//go:embed testdata/refusals_organizations.txt
var organizationRefusals string

// organizationErrors are the errors that AWS's model declares, an operation a line.
// The SDK has them no longer.
//
//go:embed testdata/organizations_errors.txt
var organizationErrors string

type organizationRefusal struct {
	actions           []string
	who, code, reason string
	in                string // "": what the action is asked elsewhere
	text              string
}

// declaredByOrganizations are the codes of each action's errors. They are the SDK's
// own: each of its exceptions is declared by some action, and no other.
func declaredByOrganizations(t *testing.T) map[string][]string {
	t.Helper()
	all, codes := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(organizationErrors) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			all[words[0]] = words[1:]
			for _, code := range words[1:] {
				codes[code] = true
			}
		}
	}
	for id, entry := range organizations.TypeRegistry.Entries {
		_, name, _ := strings.Cut(id, "#")
		if _, fails := entry.New().(error); fails && !codes[name] {
			t.Errorf("%s is not declared by any action", name)
		}
		delete(codes, name)
	}
	for code := range codes {
		t.Errorf("the SDK knows no %s", code)
	}
	return all
}

func organizationRefusalRows(t *testing.T) (rows []organizationRefusal, asked map[string]string) {
	t.Helper()
	asked = map[string]string{}
	given := map[string]bool{}
	for line := range strings.Lines(organizationRefusals) {
		line = strings.TrimRight(line, "\n")
		text, isText := strings.CutPrefix(line, "\t")
		words := strings.SplitN(line, " ", 4)
		switch {
		case line == "" || words[0] == "#":
		case isText:
			rows[len(rows)-1].text = text
		case words[0] == "=":
			for action := range strings.SplitSeq(words[1], ",") {
				asked[action] = strings.Join(words[2:], " ")
			}
		case len(words) < 3:
			t.Fatalf("%s: who asks, and what is the code?", line)
		default:
			r := organizationRefusal{actions: strings.Split(words[0], ","), who: words[1]}
			r.code, r.reason, _ = strings.Cut(words[2], "/")
			if len(words) == 4 {
				r.in = words[3]
			}
			for _, action := range r.actions {
				given[action+" "+r.code] = true
			}
			rows = append(rows, r)
		}
	}
	declared := declaredByOrganizations(t)
	for i, r := range rows {
		if r.actions[0] != "*" {
			continue
		}
		rows[i].actions = nil
		for action, codes := range declared {
			if slices.Contains(codes, r.code) && !given[action+" "+r.code] {
				rows[i].actions = append(rows[i].actions, action)
			}
		}
		slices.Sort(rows[i].actions)
	}
	return rows, asked
}

// TestOrganizationRefusalTable makes every call of the table, which must be refused
// by exactly that code, reason and text.
func TestOrganizationRefusalTable(t *testing.T) {
	s := stockOrganizations(t)
	rows, asked := organizationRefusalRows(t)
	for _, r := range rows {
		for _, action := range r.actions {
			in := r.in
			if in == "" {
				in = asked[action]
			}
			if in == "" {
				in = "{}"
			}
			caller, ok := s.callers[r.who]
			if !ok {
				t.Fatalf("%s: who is %s?", action, r.who)
			}
			status, body := organizationsOnWire(t, caller, action, s.fill(t, in))
			var got struct {
				Code    string `json:"__type"`
				Reason  string
				Message string
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%s: %d %s", action, status, body)
			}
			if want := s.fill(t, r.text); got.Code != r.code || got.Reason != r.reason || got.Message != want || status != http.StatusBadRequest {
				t.Errorf("%s %s %s/%s %s:\n got %d %s/%s: %s\nwant %d %s/%s: %s",
					action, r.who, r.code, r.reason, in, status, got.Code, got.Reason, got.Message, http.StatusBadRequest, r.code, r.reason, want)
			}
		}
	}
}

// stockedOrganizations are organizations that hold what the table speaks of, and
// those who ask: the root users of
//
//	boss   the management account of an organization that is as full as may be
//	ink    its member, who was invited and is a delegated administrator
//	bills  the management account of an organization for bills alone
//	payer  that of a third one, which has invited others and asked for their bills
//	lone   an account in no organization
//
// and two users: nobody, of boss, who may do nothing, and narrow, of lone, who may do
// what is Organizations', and nothing in IAM.
type stockedOrganizations struct {
	*stocked
	callers map[string]*clients
}

func stockOrganizations(t *testing.T) *stockedOrganizations {
	t.Helper()
	quotas := org.DefaultQuotas()
	quotas.Accounts, quotas.Depth, quotas.Attached, quotas.SCPSize, quotas.Tags = 4, 1, 2, 200, 2
	w := worldOf(t, server.Config{DataDir: t.TempDir(), OrganizationQuotas: quotas})
	ctx, made := t.Context(), map[string]string{}
	s := &stockedOrganizations{stocked: &stocked{made: made}, callers: map[string]*clients{}}
	for _, name := range []string{"boss", "ink", "bills", "payer", "lone"} {
		s.callers[name] = w.account(t)
		made[name] = s.callers[name].Account
	}
	boss, ink, bills, payer, lone := s.callers["boss"], s.callers["ink"], s.callers["bills"], s.callers["payer"], s.callers["lone"]
	s.callers["nobody"] = w.caller(t, boss)
	s.callers["narrow"] = w.caller(t, lone, statement{Effect: "Allow", Action: "organizations:*", Resource: "*"})

	inTree(t, boss, made)
	made["other"] = newUnit(t, boss, made["root"], "Other")
	made["joined"] = invite(t, boss, "ACCOUNT", ink.Account)
	must(t)(ink.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["joined"])}))
	trustService(t, boss, trail)
	register(t, boss, ink.Account, trail)
	mustDo(t, createInk(ctx, boss, made))
	made["closed"] = *created(t, boss, made["request"]).Id
	must(t)(boss.Organizations.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: aws.String(made["closed"]), SourceParentId: aws.String(made["root"]), DestinationParentId: aws.String(made["unit"]),
	}))
	must(t)(boss.Organizations.CloseAccount(ctx, &organizations.CloseAccountInput{AccountId: aws.String(made["closed"])}))
	made["doc"], made["baddoc"] = strconv.Quote(controlS3), strconv.Quote(strings.Replace(controlS3, "Deny", "Permit", 1))
	made["longdoc"] = strconv.Quote(strings.Replace(controlS3, `"s3:*"`, `["s3:`+strings.Repeat("a", 200)+`"]`, 1))
	made["policy"], made["spare"] = newControl(t, boss, "Ink", scp, controlS3), newControl(t, boss, "Pen", scp, controlSQS)
	made["tagging"] = newControl(t, boss, "Tags", types.PolicyTypeTagPolicy, `{"tags":{}}`)
	attachControl(t, boss, made["policy"], made["root"])
	made["declined"] = invite(t, boss, "ACCOUNT", lone.Account)
	must(t)(lone.Organizations.DeclineHandshake(ctx, &organizations.DeclineHandshakeInput{HandshakeId: aws.String(made["declined"])}))
	made["canceled"] = invite(t, boss, "ACCOUNT", lone.Account)
	must(t)(boss.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: aws.String(made["canceled"])}))
	made["open"] = invite(t, boss, "ACCOUNT", lone.Account)

	must(t)(bills.Organizations.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: "CONSOLIDATED_BILLING"}))
	roots, err := bills.Organizations.ListRoots(ctx, &organizations.ListRootsInput{})
	mustDo(t, err)
	made["billsroot"] = *roots.Roots[0].Id

	inNewOrganization(t, payer, map[string]string{})
	made["away"], made["master"] = invite(t, payer, "ACCOUNT", ink.Account), invite(t, payer, "ACCOUNT", boss.Account)
	made["start"] = strconv.FormatInt(transferStart().Unix(), 10)
	for name, from := range map[string]*clients{"stopped": bills, "ended": boss, "asked": lone} {
		proposal := map[string]string{"from": from.Account}
		mustDo(t, proposeTransfer(ctx, payer, proposal))
		made[name], made[name+"handshake"] = proposal["transfer"], proposal["handshake"]
	}
	must(t)(payer.Organizations.CancelHandshake(ctx, &organizations.CancelHandshakeInput{HandshakeId: aws.String(made["stoppedhandshake"])}))
	must(t)(boss.Organizations.AcceptHandshake(ctx, &organizations.AcceptHandshakeInput{HandshakeId: aws.String(made["endedhandshake"])}))
	must(t)(payer.Organizations.TerminateResponsibilityTransfer(ctx, &organizations.TerminateResponsibilityTransferInput{Id: aws.String(made["ended"])}))
	return s
}

// must ends the test when a call failed, whatever it answered.
func must(t *testing.T) func(out any, err error) {
	return func(out any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", reflect.TypeOf(out), err)
		}
	}
}
