package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestSimulateLongValues: a value longer than 4,096 characters is refused as a
// parameter is that is too long.
func TestSimulateLongValues(t *testing.T) {
	root := newWorld(t).account(t)
	for n, want := range map[int]string{
		4096: "",
		4097: "ValidationError: 1 validation error detected: Value at 'contextEntries.2.member.contextKeyValues' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 4096]",
	} {
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{putText}, ActionNames: []string{"s3:GetObject"},
			ContextEntries: []types.ContextEntry{entry("key:a", "string", "x"), entry("key:b", "stringList", "x", strings.Repeat("é", n))},
		})
		got := ""
		if err != nil {
			code, message := apiError(err)
			got = code + ": " + message
		}
		same(t, fmt.Sprint(n), got, want)
	}
}

// TestSimulateWorst: what takes long is refused before it is done, and what is
// not refused does not take long.
func TestSimulateWorst(t *testing.T) {
	root := newWorld(t).account(t)
	as := strings.Repeat("a", 4096)
	number := "1." + strings.Repeat("0", 4000) + "1"
	const tooLarge = "The simulation is too large: ask for fewer resources or policies at a time."
	for name, c := range map[string]struct {
		operator, values string
		entry            types.ContextEntry
		want             string
	}{
		"one long pattern":     {"StringLike", `"*` + strings.Repeat("a", 100_000) + `b*"`, entry("key:a", "string", as), ""},
		"a long one of marks":  {"StringLike", `"*` + strings.Repeat("a?", 50_000) + `b*"`, entry("key:a", "string", as), ""},
		"many of marks":        {"StringLike", strings.Repeat(`"*a?a?a?b*",`, 1000) + `"x"`, entry("key:a", "string", as), ""},
		"too many of marks":    {"StringLike", strings.Repeat(`"*a?a?a?b*",`, 8000) + `"x"`, entry("key:a", "string", as), tooLarge},
		"too many ARNs":        {"ArnLike", strings.Repeat(`"arn:*a*:*:*:*:*a?a?b*",`, 4000) + `"arn:b:b:b:b:b"`, entry("key:a", "string", "arn:a:a:a:a:"+as[12:]), tooLarge},
		"repeated variables":   {"StringLike", `"*` + strings.Repeat("${key:a}", 10_000) + `?b*"`, entry("key:a", "string", as), ""},
		"too many long values": {"ForAnyValue:StringLike", strings.Repeat(`"*a?a?a?b*",`, 500) + `"x"`, entry("key:a", "stringList", as, as, as, as, as), tooLarge},
		"too many numbers":     {"NumericEquals", strings.Repeat("1,", 50_000) + "1", entry("key:a", "numeric", number), tooLarge},
	} {
		_, err := root.IAM.SimulateCustomPolicy(t.Context(), &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{when(`{"` + c.operator + `":{"key:a":[` + c.values + `]}}`)},
			ActionNames:     []string{"s3:GetObject"}, ContextEntries: []types.ContextEntry{c.entry},
		})
		got := ""
		if err != nil {
			_, got = apiError(err)
		}
		same(t, name, got, c.want)
	}
}

// TestSimulateWorstAnswers: an answer that would be long is cut into pages, and
// refused where one action's alone is.
func TestSimulateWorstAnswers(t *testing.T) {
	root := newWorld(t).account(t)
	keys := make([]string, 4000)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"key:%d":"x"`, i)
	}
	in := iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{when(`{"StringEquals":{` + strings.Join(keys, ",") + `}}`)},
		ActionNames:     []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"},
	}
	for n, want := range map[int]string{20: "2 of 4", 1000: "The simulation is too large: ask for fewer resources or policies at a time."} {
		in.ResourceArns = strings.Split(strings.Repeat("arn:aws:s3:::b,", n-1)+"arn:aws:s3:::b", ",")
		out, err := root.IAM.SimulateCustomPolicy(t.Context(), &in)
		_, got := apiError(err)
		if err == nil {
			got = fmt.Sprintf("%d of 4", len(out.EvaluationResults))
			same(t, "the keys of one", len(out.EvaluationResults[0].MissingContextValues), len(keys))
		}
		same(t, fmt.Sprint(n), got, want)
	}
}

// TestSimulatePages: pages follow one another without gaps, of whatever size,
// and end early where the work would be too much.
func TestSimulatePages(t *testing.T) {
	root := newWorld(t).account(t)
	var actions []string
	for i := range 250 {
		actions = append(actions, fmt.Sprintf("s3:Action%d", i))
	}
	many := strings.Split(strings.Repeat("arn:aws:s3:::b,", 999)+"arn:aws:s3:::b", ",")
	heavy := make([]string, 7)
	for i := range heavy {
		heavy[i] = allow("s3:*", "*")
	}
	for _, c := range []struct {
		in    iam.SimulateCustomPolicyInput
		pages int
	}{
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions}, 3},
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions, MaxItems: aws.Int32(200)}, 2},
		{iam.SimulateCustomPolicyInput{PolicyInputList: []string{putText}, ActionNames: actions, MaxItems: aws.Int32(250)}, 1},
		{iam.SimulateCustomPolicyInput{PolicyInputList: heavy, ActionNames: actions[:4], ResourceArns: many, MaxItems: aws.Int32(250)}, 4},
	} {
		pager, got, pages := iam.NewSimulateCustomPolicyPaginator(root.IAM, &c.in), []string{}, 0
		for pager.HasMorePages() {
			out, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, r := range out.EvaluationResults {
				got = append(got, *r.EvalActionName)
			}
		}
		same(t, "pages", pages, c.pages)
		same(t, "actions", strings.Join(got, " "), strings.Join(c.in.ActionNames, " "))
	}
}
