package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// statement is a policy statement before it is written in any language.
type statement struct {
	deny       bool
	actions    []string // "s3:GetObject", or all with a beginning: "s3:Get*"
	notActions []string // in place of actions
	objects    []object
	users      []string // StringEquals aws:username, if there are any
	networks   []string // IpAddress aws:SourceIp
	after      string   // DateGreaterThan aws:CurrentTime
}

// object is a resource: a bucket and a key, with stars. With owned, the key is behind a folder named as the caller, and the
// bucket has no star.
type object struct {
	bucket, key string
	owned       bool
}

// path is the object without the ARN's beginning; caller stands for the caller's name.
func (o object) path(caller string) string {
	if o.owned {
		return o.bucket + "/" + caller + "/" + o.key
	}
	return o.bucket + "/" + o.key
}

// question is a request and what all engines must answer.
type question struct {
	user, action, bucket, key, ip, now string
	allowed                            bool
}

// testCase is work that every engine does in its own language.
type testCase struct {
	name, what string
	policies   [][]statement
	// questions are all asked before anything is timed; the first one is timed.
	questions []question
}

const (
	day    = "2026-03-01T12:00:00Z"
	office = "203.0.113.9"
	abroad = "198.51.100.7"
)

func cases() []testCase {
	return []testCase{small(), tenByTen(), owned(), many()}
}

func small() testCase {
	return testCase{
		name: "a", what: "one policy of two statements, allowed by the second",
		policies: [][]statement{{
			{actions: []string{"s3:GetObject"}, objects: []object{{bucket: "templates", key: "*"}}},
			{actions: []string{"s3:GetObject", "s3:PutObject"}, objects: []object{{bucket: "reports", key: "*"}}},
		}},
		questions: []question{
			{"alice", "s3:GetObject", "reports", "2026/q1.csv", office, day, true},
			{"alice", "s3:PutObject", "reports", "2026/q1.csv", office, day, true},
			{"alice", "s3:PutObject", "templates", "2026/q1.csv", office, day, false},
			{"alice", "s3:GetObject", "reports-old", "2026/q1.csv", office, day, false},
		},
	}
}

func tenByTen() testCase {
	c := testCase{
		name: "b", what: "10 policies of 10 statements, wildcards and three conditions each, allowed by the last",
		questions: []question{
			{"alice", "s3:GetObject", "team-9-data", "area-4/2026/q1.csv", office, day, true},
			{"alice", "s3:GetObject", "team-0-data", "area-0/2026/q1.csv", office, day, true},
			{"alice", "s3:PutObject", "team-9-data", "area-4/2026/q1.csv", office, day, false},
			{"alice", "s3:GetObject", "team-9-data", "area-7/2026/q1.csv", office, day, false},
			{"alice", "s3:GetObject", "team-9-data", "area-4/2026/q1.csv", "192.0.2.1", day, false},
			{"alice", "s3:GetObject", "team-9-data", "area-4/2026/q1.csv", office, "2019-03-01T12:00:00Z", false},
			{"mallory", "s3:GetObject", "team-9-data", "area-4/2026/q1.csv", abroad, day, false},
			{"carol", "s3:GetObject", "team-9-data", "area-4/2026/q1.csv", office, day, false},
		},
	}
	for i := range 10 {
		var p []statement
		for area := range 5 {
			p = append(p,
				statement{
					deny: true, actions: []string{"s3:Get*", "s3:Put*"},
					objects: []object{{bucket: "team-*", key: fmt.Sprintf("area-%d/*", area)}, {bucket: fmt.Sprintf("archive-%d-*", i), key: "*"}},
					users:   []string{"mallory", "alice"}, networks: []string{"198.51.100.0/24"}, after: "2021-01-01T00:00:00Z",
				},
				statement{
					actions: []string{"s3:Get*", "s3:List*"},
					objects: []object{{bucket: fmt.Sprintf("team-%d-*", i), key: fmt.Sprintf("area-%d/*", area)}},
					users:   []string{"alice", "bob"}, networks: []string{"203.0.113.0/24", "2001:db8::/32"}, after: "2020-01-01T00:00:00Z",
				})
		}
		c.policies = append(c.policies, p)
	}
	return c
}

func owned() testCase {
	c := testCase{
		name: "c", what: "one policy of 200 statements with ${aws:username} and NotAction, denied by the last",
		questions: []question{
			{"alice", "s3:PutObject", "bucket-42", "alice/locked/plan.txt", office, day, false},
			{"alice", "s3:GetObject", "bucket-42", "alice/locked/plan.txt", office, day, true},
			{"alice", "s3:PutObject", "bucket-42", "alice/plan.txt", office, day, true},
			{"alice", "s3:PutObject", "bucket-42", "bob/plan.txt", office, day, false},
			{"alice", "s3:DeleteObject", "bucket-42", "alice/plan.txt", office, day, false},
			{"bob", "s3:GetObject", "bucket-198", "bob/plan.txt", office, day, true},
			{"bob", "s3:GetObject", "bucket-43", "bob/plan.txt", office, day, false},
		},
	}
	var p []statement
	for j := range 199 {
		s := statement{objects: []object{{bucket: fmt.Sprintf("bucket-%d", j), key: "*", owned: true}}}
		if j%2 == 0 {
			s.actions = []string{"s3:Get*", "s3:PutObject"}
		} else {
			s.deny, s.notActions = true, []string{"s3:Get*", "s3:List*"}
		}
		p = append(p, s)
	}
	p = append(p, statement{
		deny: true, notActions: []string{"s3:Get*", "s3:List*"}, objects: []object{{bucket: "bucket-42", key: "locked/*", owned: true}},
	})
	c.policies = [][]statement{p}
	return c
}

func many() testCase {
	c := testCase{
		name: "d", what: "one policy of 10,000 statements of which 3 can match, allowed",
		questions: []question{
			{"alice", "s3:GetObject", "bucket-5000", "2026/q1.csv", office, day, true},
			{"alice", "s3:GetObject", "bucket-5000", "secret/q1.csv", office, day, false},
			{"alice", "s3:GetObject", "bucket-9996", "secret/q1.csv", office, day, true},
			{"alice", "s3:PutObject", "bucket-5000", "2026/q1.csv", office, day, false},
			{"alice", "s3:GetObject", "bucket-12345", "2026/q1.csv", office, day, false},
		},
	}
	var p []statement
	for j := range 9998 {
		p = append(p, statement{actions: []string{"s3:GetObject"}, objects: []object{{bucket: fmt.Sprintf("bucket-%d", j), key: "*"}}})
	}
	p = append(p,
		statement{actions: []string{"s3:Get*"}, objects: []object{{bucket: "bucket-5000", key: "2025/*"}}},
		statement{deny: true, actions: []string{"s3:Get*"}, objects: []object{{bucket: "bucket-5000", key: "secret/*"}}})
	c.policies = [][]statement{p}
	return c
}

// document writes a policy in IAM's language, for the engines that read it.
func document(p []statement) []byte {
	type conditions struct {
		StringEquals    map[string][]string `json:",omitempty"`
		IpAddress       map[string][]string `json:",omitempty"`
		DateGreaterThan map[string]string   `json:",omitempty"`
	}
	type iamStatement struct {
		Effect            string
		Action, NotAction []string `json:",omitempty"`
		Resource          []string
		Condition         *conditions `json:",omitempty"`
	}
	var out struct {
		Version   string
		Statement []iamStatement
	}
	out.Version = "2012-10-17"
	for _, s := range p {
		t := iamStatement{Effect: "Allow", Action: s.actions, NotAction: s.notActions}
		if s.deny {
			t.Effect = "Deny"
		}
		for _, o := range s.objects {
			t.Resource = append(t.Resource, "arn:aws:s3:::"+o.path("${aws:username}"))
		}
		if s.users != nil {
			t.Condition = &conditions{
				map[string][]string{"aws:username": s.users}, map[string][]string{"aws:SourceIp": s.networks},
				map[string]string{"aws:CurrentTime": s.after},
			}
		}
		out.Statement = append(out.Statement, t)
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err) // strings alone always marshal
	}
	return text
}

// folder is the first folder of a key: whose it is.
func folder(key string) string {
	f, _, _ := strings.Cut(key, "/")
	return f
}
