package guard

import (
	"time"

	"iamd/iam"
	"iamd/policy"
	"iamd/sts"
)

// Caller is who signed a request, or nobody (policy.Anonymous).
type Caller struct {
	policy.Principal
	KeyID    string
	UserID   string // aws:userid: AIDA…, AROA…:session, or the account number of root
	UserName string // of a user; empty otherwise, for a federated user too
	RoleName string // of a role session
	// Region and Service are what the signature was scoped to.
	Region, Service string
	// Session is nil for long-term keys.
	Session *sts.Session
	// OnBehalf is nil when the caller calls by itself, as all do who sign.
	OnBehalf *OnBehalf
	Origin
}

// OnBehalf is what an AWS service says when it calls for somebody: by its own
// principal, for the owner of a resource, or with the credentials of a principal
// that called it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalservicename
type OnBehalf struct {
	Names                    []string // all of the service principal's
	SourceARN, SourceAccount string   // of the resource that a service principal calls for
	Via                      []string // the services that passed credentials on, first to last
}

// Origin is where a request came from, as the door knows it.
type Origin struct {
	SourceIP  string // of the connection, or of the client a trusted proxy names
	Secure    bool   // TLS
	UserAgent string
	Referer   string
	Time      time.Time
}

// Anonymous is a caller without credentials.
func Anonymous(o Origin) *Caller {
	return &Caller{Principal: policy.Principal{Kind: policy.Anonymous}, Origin: o}
}

func userCaller(a *iam.Account, u *iam.User, keyID string) *Caller {
	return &Caller{
		Principal: policy.Principal{Kind: policy.User, Account: a.ID, ARN: a.UserARN(u), UniqueID: u.ID},
		KeyID:     keyID, UserID: u.ID, UserName: u.Name,
	}
}

func rootCaller(a *iam.Account, keyID string) *Caller {
	return &Caller{
		Principal: policy.Principal{Kind: policy.Root, Account: a.ID, ARN: a.RootARN(), UniqueID: a.ID},
		KeyID:     keyID, UserID: a.ID,
	}
}

func roleCaller(a *iam.Account, r *iam.Role, s *sts.Session) *Caller {
	return &Caller{
		Principal: policy.Principal{
			Kind: policy.Role, Account: a.ID, RoleARN: a.RoleARN(r), UniqueID: r.ID,
			ARN: "arn:aws:sts::" + a.ID + ":assumed-role/" + r.Name + "/" + s.Name,
		},
		KeyID: s.KeyID, UserID: r.ID + ":" + s.Name, RoleName: r.Name,
	}
}

// federatedCaller is a federated user, by the credentials that the user with
// that id and ARN asked for; the root user's id is the account's.
func federatedCaller(a *iam.Account, id, arn string, s *sts.Session) *Caller {
	return &Caller{
		Principal: policy.Principal{
			Kind: policy.FederatedUser, Account: a.ID, UniqueID: id, UserARN: arn, ARN: FederatedUserARN(a.ID, s.Name),
		},
		KeyID: s.KeyID, UserID: a.ID + ":" + s.Name,
	}
}

// FederatedUserARN is the ARN of an account's federated user.
func FederatedUserARN(account, name string) string {
	return "arn:aws:sts::" + account + ":federated-user/" + name
}

// federatedByRoot tells whether the root user asked for the federated user's
// credentials.
func (c *Caller) federatedByRoot() bool {
	return c.Kind == policy.FederatedUser && c.UniqueID == c.Account
}

// AccountID is the caller's account, and "" for nobody.
func (c *Caller) AccountID() string {
	if c == nil {
		return ""
	}
	return c.Account
}
