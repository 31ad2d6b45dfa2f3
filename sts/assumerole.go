package sts

import (
	"strings"
	"time"

	"iamd/iam"
	"iamd/policy"
)

// Limits of sessions, in seconds.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
const (
	defaultRoleSeconds    = 3600
	chainedSeconds        = 3600
	defaultSessionSeconds = 43200
	rootSessionSeconds    = 3600

	maxSessionTags     = 50
	maxSessionPolicy   = 2048 // characters, plain
	maxSessionPolicies = 10   // managed ones
)

// AssumeRole is a request for a role's credentials that the guard admitted.
type AssumeRole struct {
	Account     string // of the role
	Role        *iam.Role
	SessionName string
	Seconds     *int32 // nil: one hour
	Policy      string // an inline session policy; empty for none
	PolicyARNs  []string
	Tags        []iam.Tag
	Transitive  []string
	Source      string   // source identity
	From        *Session // the caller's own session; nil for long-term keys
}

// Session applies AWS's rules and says what the credentials will be.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (r AssumeRole) Session(now time.Time) (s Session, err error) {
	now = now.UTC().Truncate(time.Second)
	s = Session{
		Kind: AssumedRole, Account: r.Account, UniqueID: r.Role.ID, Name: r.SessionName, Issued: now,
		SourceIdentity: r.Source,
	}
	seconds, err := r.seconds()
	if err != nil {
		return s, err
	}
	s.Expires = now.Add(time.Duration(seconds) * time.Second)
	if err := s.narrow(r.Policy, r.PolicyARNs); err != nil {
		return s, err
	}
	if s.Tags, s.Transitive, err = r.tags(); err != nil {
		return s, err
	}
	if r.From != nil && r.From.SourceIdentity != "" {
		if r.Source != "" && r.Source != r.From.SourceIdentity {
			return s, iam.Errorf(iam.CodeAccessDenied, "Source identity can't be changed: the calling session's is already set.")
		}
		s.SourceIdentity = r.From.SourceIdentity
	}
	return s, nil
}

func (r *AssumeRole) seconds() (int32, error) {
	chained := r.From != nil && (r.From.Kind.OfRole() || r.From.Kind == Delegated)
	if r.Seconds == nil {
		return defaultRoleSeconds, nil
	}
	switch n := *r.Seconds; {
	case chained && n > chainedSeconds:
		return 0, iam.Errorf(iam.CodeValidation,
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	case n > r.Role.MaxSession:
		return 0, iam.Errorf(iam.CodeValidation,
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	default:
		return n, nil
	}
}

// tags joins what the request brings with what the calling session passes on.
func (r *AssumeRole) tags() (tags []iam.Tag, transitive []string, err error) {
	named, err := tagKeys(r.Tags)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range r.Transitive {
		if !named[policy.FoldKey(k)] {
			return nil, nil, iam.Errorf(iam.CodeInvalidParameterValue,
				"The specified transitive tag key must be included in the requested tags.")
		}
	}
	for _, t := range PassedOn(r.From) {
		if named[policy.FoldKey(t.Key)] {
			return nil, nil, iam.Errorf(iam.CodeInvalidParameterValue,
				"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		tags, transitive = append(tags, t), append(transitive, t.Key)
	}
	tags, transitive = append(tags, r.Tags...), append(transitive, r.Transitive...)
	return tags, transitive, countTags(tags)
}

// tagKeys checks the tags that a request brings, and gives their keys, folded.
func tagKeys(tags []iam.Tag) (map[string]bool, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	named := make(map[string]bool, len(tags))
	for _, t := range tags {
		if strings.HasPrefix(policy.FoldKey(t.Key), "aws:") {
			return nil, iam.Errorf(iam.CodeInvalidParameterValue,
				"Tag keys starting with 'aws:' are reserved for system use.")
		}
		if named[policy.FoldKey(t.Key)] {
			return nil, iam.Errorf(iam.CodeInvalidParameterValue,
				"Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		named[policy.FoldKey(t.Key)] = true
	}
	return named, nil
}

func countTags(tags []iam.Tag) error {
	if len(tags) > maxSessionTags {
		return iam.Errorf(iam.CodeInvalidParameterValue, "Cannot exceed quota for TagsPerSession: %d", maxSessionTags)
	}
	return nil
}

// PassedOn are the tags that a session hands on to the next: its transitive
// ones. nil has none.
func PassedOn(from *Session) (tags []iam.Tag) {
	if from == nil {
		return nil
	}
	for _, t := range from.Tags {
		for _, k := range from.Transitive {
			if policy.FoldKey(t.Key) == policy.FoldKey(k) {
				tags = append(tags, t)
				break
			}
		}
	}
	return tags
}

// narrow gives the session its policies: an inline one, unless the text is
// empty, and managed ones.
func (s *Session) narrow(text string, arns []string) error {
	if text != "" {
		if err := CheckSessionPolicy(text); err != nil {
			return err
		}
		s.Policies = []string{text}
	}
	if len(arns) > maxSessionPolicies {
		return iam.Errorf(iam.CodeValidation, "Cannot exceed quota for PoliciesPerSession: %d", maxSessionPolicies)
	}
	s.PolicyARNs = arns
	return nil
}

// CheckSessionPolicy refuses an inline session policy as AWS does.
func CheckSessionPolicy(text string) error {
	if n := len([]rune(text)); n > maxSessionPolicy {
		return iam.Errorf(iam.CodeValidation,
			"1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicy)
	}
	return iam.CheckDocument(text, policy.Session)
}

// GetSessionToken says what a user's or the root user's own temporary
// credentials will be; seconds nil means twelve hours, for root never more
// than one.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func GetSessionToken(account, userID string, seconds *int32, now time.Time) Session {
	now = now.UTC().Truncate(time.Second)
	return Session{
		Kind: SessionToken, Account: account, UniqueID: userID,
		Issued: now, Expires: now.Add(lasting(userID, seconds)),
	}
}

// lasting is how long credentials last that a user asks for, or the root user,
// whose id is empty.
func lasting(userID string, seconds *int32) time.Duration {
	n := int32(defaultSessionSeconds)
	if seconds != nil {
		n = *seconds
	}
	if userID == "" {
		n = min(n, rootSessionSeconds)
	}
	return time.Duration(n) * time.Second
}
