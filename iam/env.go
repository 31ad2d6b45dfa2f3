package iam

import (
	"io"
	"sync"
	"time"

	"iamd/catalog"
)

// Env is what the rules need of the world. One Env serves all accounts of a
// process.
type Env struct {
	Now  func() time.Time
	Rand io.Reader // crypto/rand.Reader, or a seeded one in tests

	// Seal and Unseal keep a secret access key at rest, bound to its account
	// and key id.
	Seal   func(account, keyID, secret string) []byte
	Unseal func(account, keyID string, sealed []byte) (string, error)

	// Principal finds a user or role of another account by its ARN, for trust
	// policies. held is false for an account that is not kept here: such a
	// principal may be named, but nobody can be it.
	Principal func(arn string) (uniqueID string, ok, held bool)

	// Named finds the present ARN of a unique id of another account; reading a
	// trust policy back shows it. ok is false when it is gone.
	Named func(uniqueID, account string) (arn string, ok bool)

	Quotas Quotas
	// PasswordCost is of new passwords.
	PasswordCost PasswordCost

	managed sync.Map // ARN of an AWS managed policy → *Policy
}

// awsManaged gives an AWS managed policy by its ARN, compiled once a process.
func (e *Env) awsManaged(arn string) (*Policy, bool) {
	if p, ok := e.managed.Load(arn); ok {
		return p.(*Policy), true
	}
	m, ok := catalog.ManagedPolicyByARN(arn)
	if !ok {
		return nil, false
	}
	p, _ := e.managed.LoadOrStore(m.ARN, &Policy{
		ID:             m.PolicyID,
		Name:           m.Name,
		Path:           m.Path,
		ARN:            m.ARN,
		CreateDate:     m.CreateDate,
		UpdateDate:     m.UpdateDate,
		DefaultVersion: m.DefaultVersionID,
		Versions: []PolicyVersion{{
			ID: m.DefaultVersionID, CreateDate: m.UpdateDate, Document: NewDocument(m.Document, nil),
		}},
	})
	return p.(*Policy), true
}
