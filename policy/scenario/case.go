package scenario

import (
	"encoding/json"

	"iamd/policy"
)

// The decisions, in AWS's words.
const (
	Allowed      = "allowed"
	ExplicitDeny = "explicitDeny"
	ImplicitDeny = "implicitDeny"
)

// Where an expected answer comes from.
const (
	Documented = "documented" // the page says so
	Recorded   = "recorded"   // AWS answered so
	Assumed    = "assumed"    // the page leaves it open, and iamd chose
)

// Case is one question with the answer wanted.
type Case struct {
	// Name is the file without its ending, the scenario, and the number of the case in it, from 1: "sessions/roles/policy/2".
	// The two cases made from one that says how a statement fits have "/allow" or "/deny" after that.
	Name    string
	File    string // slash-separated, below the root that was loaded
	Line    int    // where the case stands, from 1
	Page    string // the URL of the page that says so
	Says    string // the rule shown, in words; may be ""
	Source  string // Documented, Recorded or Assumed
	Special bool   // an exception to a rule; the scenario has a twin that differs in one thing and is decided otherwise

	Request  policy.Request
	Policies policy.Policies
	Want     Want

	plain json.RawMessage // the question for other engines
}

// Want is the answer wanted. What is zero is not asked for, but for Decision.
type Want struct {
	Decision string      // Allowed, ExplicitDeny or ImplicitDeny
	By       policy.Kind // the kind of policy that decides
	Policy   string      // the Attached.ID of the policy that decides: "identity[0]", "scp[1][0]"
	Index    *int        // of the statement that decides, in its document
	Reason   string      // the tail of AWS's AccessDenied sentence
}

// kinds are the words for each kind of policy, as fields of "policies" and in "by".
var kinds = []struct {
	word string
	kind policy.Kind
}{
	{"identity", policy.Identity},
	{"boundary", policy.Boundary},
	{"session", policy.Session},
	{"resource", policy.Resource},
	{"trust", policy.Trust},
	{"scp", policy.SCP},
	{"rcp", policy.RCP},
	{"vpcEndpoint", policy.VPCEndpoint},
}

func kindWord(k policy.Kind) string {
	for _, w := range kinds {
		if w.kind == k {
			return w.word
		}
	}
	return "nothing"
}

// MarshalJSON gives the case as the plain data that Lines sends: the request, every policy in full, and nothing of what is
// wanted.
func (c *Case) MarshalJSON() ([]byte, error) { return c.plain, nil }
