package wire

import (
	"slices"
	"strconv"
	"strings"
)

// ReasonField is Access Analyzer's reason for a member outside its limits.
const ReasonField = "fieldValidationFailed"

// Organizations' reasons, with the text that goes with each.
const (
	reasonRequired   = "INPUT_REQUIRED"
	reasonEnum       = "INVALID_ENUM"
	reasonPattern    = "INVALID_PATTERN"
	reasonMaxLength  = "MAX_LENGTH_EXCEEDED"
	reasonMinLength  = "MIN_LENGTH_EXCEEDED"
	reasonMaxValue   = "MAX_VALUE_EXCEEDED"
	reasonMinValue   = "MIN_VALUE_EXCEEDED"
	reasonListMember = "INVALID_LIST_MEMBER"
	reasonPolicyType = "INVALID_ENUM_POLICY_TYPE"
	reasonPartyType  = "INVALID_PARTY_TYPE_TARGET"
	reasonTarget     = "TARGET_NOT_SUPPORTED"
)

var reasonTexts = map[string]string{
	reasonRequired:   "You must provide a value for the parameter.",
	reasonEnum:       "You specified an invalid value.",
	reasonPattern:    "You provided a value that does not match the required pattern.",
	reasonMaxLength:  "You provided a string that exceeds that maximum length.",
	reasonMinLength:  "You provided a string parameter that is shorter than allowed.",
	reasonMaxValue:   "You provided a value that exceeds the maximum allowed.",
	reasonMinValue:   "You provided a value that is below the minimum allowed.",
	reasonListMember: "You provided a list to a parameter that contains at least one invalid value.",
	reasonPolicyType: "You specified an invalid policy type.",
	reasonPartyType:  "You specified an invalid party type as the target parameter.",
	reasonTarget:     "You specified a target that is not currently supported.",
}

// ownFaults are members that Organizations judges itself: whatever is wrong with
// one, even that it is missing, has this reason, without a name. The first counts.
var ownFaults = []struct{ op, path, reason string }{
	{"InviteAccountToOrganization", "target.type", reasonPartyType},
	{"InviteAccountToOrganization", "target.id", reasonPattern},
	{"InviteAccountToOrganization", "target", reasonPattern},
	{"ListEffectivePolicyValidationErrors", "accountId", reasonTarget},
}

// ownReason is that of the operation's ownFaults, if one is there.
func (w *validator) ownReason() (reason string, ok bool) {
	for _, own := range ownFaults {
		if own.op == w.op && slices.ContainsFunc(w.faults, func(f fault) bool { return f.path == own.path }) {
			return own.reason, true
		}
	}
	return "", false
}

func (w *validator) err() error {
	if len(w.faults) == 0 {
		return nil
	}
	if w.service == "organizations" {
		first := w.faults[0]
		reason, own := w.ownReason()
		if !own {
			reason = first.reason
		}
		e := badRequest(CodeInvalidInput, "%s", reasonTexts[reason])
		if e.Reason = reason; !own && reason != reasonPolicyType {
			e.Reason += ":" + screaming(first.path)
		}
		return e
	}
	if w.service == "cloudtrail" {
		if e := w.lookupError(); e != nil {
			return e
		}
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(len(w.faults)))
	if len(w.faults) == 1 {
		b.WriteString(" validation error detected: ")
	} else {
		b.WriteString(" validation errors detected: ")
	}
	for i, f := range w.faults {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.subject)
		b.WriteString(" failed to satisfy constraint: ")
		b.WriteString(f.limit)
	}
	e := badRequest(CodeValidationError, "%s", b.String())
	if w.service == "cloudtrail" {
		e.Code = CodeValidation
	}
	if w.service == "access-analyzer" {
		e.Code, e.Reason = CodeValidation, ReasonField
		for _, f := range w.faults {
			e.Fields = append(e.Fields, Field{Name: f.path, Message: f.limit})
		}
	}
	return e
}

// lookupError is CloudTrail's refusal of a member that it has an error of its own
// for, by the first fault; nil for other members, and for one that is missing.
func (w *validator) lookupError() *Error {
	first := w.faults[0]
	member, _, _ := strings.Cut(first.path, ".")
	switch {
	case first.reason == reasonRequired:
		return nil
	case member == "maxResults":
		return badRequest("InvalidMaxResultsException", "A maximum results value must be from 1 to 50. %s is invalid: %s.", first.subject, first.limit)
	case member == "lookupAttributes":
		return badRequest("InvalidLookupAttributesException", "%s is invalid: %s.", first.subject, first.limit)
	case member == "eventCategory":
		return badRequest("InvalidEventCategoryException", "%s is invalid: %s.", first.subject, first.limit)
	}
	return nil
}

// screaming is a member's path as Organizations has it in its reasons:
// TAGS_2_MEMBER_KEY.
func screaming(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '.':
			b.WriteByte('_')
		case 'A' <= c && c <= 'Z' && i > 0 && 'a' <= path[i-1] && path[i-1] <= 'z':
			b.WriteByte('_')
			b.WriteByte(c)
		case 'a' <= c && c <= 'z':
			b.WriteByte(c - 'a' + 'A')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
