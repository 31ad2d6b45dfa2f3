package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"iamd/api"
)

// clients call the server under test as one caller.
type clients struct {
	Account  string // the account number that they call in
	IAM      *iam.Client
	STS      *sts.Client
	Analyzer *accessanalyzer.Client

	Organizations *organizations.Client
	CloudTrail    *cloudtrail.Client

	issuer *openIDIssuer // of the world, if it has one
	world  *world        // where there are other accounts
}

// actionCase tests one action: that it does what it says, read back through
// another action, and that nobody gets in without exactly what AWS asks for.
type actionCase struct {
	action string // "CreateUser"; "organizations:CreatePolicy" where IAM has one of that name too
	// setup makes, as root, what must stand before the call; it may note what
	// call needs in the map (names of things it made).
	setup func(t *testing.T, root *clients, made map[string]string)
	// ready gives the caller, whose name is caller, what it must have besides
	// its grants, as root; nil for nothing.
	ready func(t *testing.T, root *clients)
	// call is made by a user who is allowed just the grants.
	call func(ctx context.Context, c *clients, made map[string]string) error
	// effect reads, as root, through another action, what the call did.
	effect func(t *testing.T, root *clients, made map[string]string)
	// grants are all that the call needs; each one taken away, and each one
	// given for another resource, must make it fail with AccessDenied.
	// «ACCOUNT» and «made keys» in a resource are replaced.
	grants []grant
	// key is a condition key that the action knows: the first grant under
	// StringEquals key holds must pass, under key other must be refused.
	key, holds, other string
	// anyKey is a condition key with many values, in place of key: it is tried
	// under ForAnyValue:StringEquals.
	anyKey string
	// tagKeys are the keys that the call names: the first grant under
	// ForAnyValue:StringEquals aws:TagKeys of them must pass, of another not.
	tagKeys string
	// unnamed marks an action whose denial names no resource.
	unnamed bool
	// open marks an action that AWS lets every caller use: no grant is needed.
	open bool
	// unsigned is for an action that wants no signature: its caller has no user and
	// no keys (the clients of call sign nothing), and what lets it in is the trust
	// policy of a role that setup made. It puts, as root, the statements into that
	// policy, as trustOf writes them. The grants' resources are "*", since trust
	// policies name none; taken away, one is missing there.
	unsigned func(t *testing.T, root *clients, made map[string]string, statements []statement)
}

// full is the action with its service.
func (c *actionCase) full() string {
	if strings.Contains(c.action, ":") {
		return c.action
	}
	name := c.action
	for _, row := range api.Actions() {
		if row.Name != c.action {
			continue
		}
		if name = row.IAMAction(); row.Service != "organizations" {
			break
		}
	}
	return name
}

// grant is one action on one resource. A resource "*" says that the action
// knows no resources.
type grant struct{ action, resource string }
