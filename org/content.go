package org

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"iamd/catalog"
	"iamd/iam"
	"iamd/policy"
)

// content checks a policy's text and gives it as it is kept. AWS keeps what was
// written but for a resource control policy, which it writes anew.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
func (d *Draft) content(t PolicyType, text string) (*iam.Document, error) {
	if size, _, _ := d.env.Quotas.of(t); utf8.RuneCountInString(text) > size {
		return nil, refuse(CodeConstraint, "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.")
	}
	if !t.authorizes() {
		if err := checkManagement(t, text); err != nil {
			return nil, err
		}
		return iam.NewDocument(text, nil), nil
	}
	kind, opt := policy.SCP, policy.CheckOptions{}
	if t == RCP {
		kind, opt.KnownVendor = policy.RCP, d.env.controlled
	}
	doc, err := policy.Parse([]byte(text))
	var unread *policy.ParseError
	if errors.As(err, &unread) {
		return nil, malformed(unread.Malformed(kind), err)
	}
	var wrong *policy.Malformed
	if err := policy.Check(doc, kind, opt); errors.As(err, &wrong) {
		return nil, malformed(wrong, err)
	} else if err != nil {
		return nil, err
	}
	if t == RCP {
		text = rewritten(doc)
	}
	return iam.NewDocument(text, nil), nil
}

// malformed is Organizations' one sentence; what exactly is wrong goes to the log.
func malformed(m *policy.Malformed, err error) error {
	return &iam.Error{Code: CodeMalformedPolicy, Message: m.Message, Err: err}
}

// controlled tells whether resource control policies reach a service.
func (e *Env) controlled(service string) bool {
	if e.Controlled != nil {
		return e.Controlled(service)
	}
	s, ok := catalog.Service(service)
	return ok && s.ResourceControlPolicies
}

// rewritten is a resource control policy as AWS writes it: without white space,
// its statements in a list, with the version that it has.
func rewritten(doc *policy.Document) string {
	if doc.Version == "" {
		doc.Version = "2008-10-17"
	}
	text, err := doc.Format()
	if err != nil {
		return doc.Source
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return doc.Source
	}
	return b.String()
}
