package iam

import (
	"errors"

	"iamd/policy"
)

// CheckDocument refuses a document that nobody stores, such as a session
// policy, as checkDocument does.
func CheckDocument(text string, kind policy.Kind) error {
	_, err := checkDocument(text, kind, false)
	return err
}

// checkDocument reads a document that somebody wants to store and holds it to
// everything that AWS asks of its kind; managed policies are held to more. It
// does not weigh the document: how much room there is depends on where it goes.
// The error is a MalformedPolicyDocument in AWS's words, with the finding
// itself, its line and column, for the log.
func checkDocument(text string, kind policy.Kind, managed bool) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	if err == nil {
		err = policy.Check(doc, kind, policy.CheckOptions{Managed: managed})
	}
	if err != nil {
		return nil, &Error{Code: CodeMalformedPolicy, Message: malformed(kind, err), Err: err}
	}
	return doc, nil
}

// malformed finds AWS's sentence for a document that was refused.
func malformed(kind policy.Kind, err error) string {
	var parse *policy.ParseError
	if errors.As(err, &parse) {
		return parse.Malformed(kind).Message
	}
	var check *policy.Malformed
	if errors.As(err, &check) {
		return check.Message
	}
	return "Syntax errors in policy."
}
