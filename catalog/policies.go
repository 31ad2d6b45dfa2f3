package catalog

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"iamd/catalog/internal/layout"
)

// arnPrefix begins the ARN of every AWS managed policy; its path and name
// follow.
const arnPrefix = "arn:aws:iam::aws:policy"

// ManagedPolicy is a policy that AWS publishes, at its default version.
type ManagedPolicy struct {
	ARN              string // arn:aws:iam::aws:policy, Path, Name
	Name             string
	Path             string // begins and ends with a slash
	PolicyID         string // made from the ARN, always the same; not the id that AWS gave
	DefaultVersionID string // "v" and a number
	Document         string // the policy as JSON, without needless blanks
	CreateDate       time.Time
	UpdateDate       time.Time // when the default version came to be
}

// ManagedPolicyByARN returns the AWS managed policy with exactly this ARN.
func ManagedPolicyByARN(arn string) (*ManagedPolicy, bool) {
	return index().managedPolicy(arn)
}

// ManagedPolicies yields all AWS managed policies ordered by name.
func ManagedPolicies() iter.Seq[*ManagedPolicy] {
	return func(yield func(*ManagedPolicy) bool) {
		for _, b := range index().blocks {
			for _, p := range b.load() {
				if !yield(p) {
					return
				}
			}
		}
	}
}

func (c contents) managedPolicy(arn string) (*ManagedPolicy, bool) {
	rest, ok := strings.CutPrefix(arn, arnPrefix)
	if !ok {
		return nil, false
	}
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	// The block to look in is the last whose first name is not past ours.
	i, exact := slices.BinarySearchFunc(c.blocks, name, func(b *block, name string) int {
		return strings.Compare(b.first, name)
	})
	if !exact {
		i--
	}
	if i < 0 {
		return nil, false
	}
	policies := c.blocks[i].load()
	i, ok = slices.BinarySearchFunc(policies, name, func(p *ManagedPolicy, name string) int {
		return strings.Compare(p.Name, name)
	})
	if !ok || policies[i].ARN != arn {
		return nil, false // the path is part of the ARN
	}
	return policies[i], true
}

// block is a few policies compressed together, neighbours by name.
type block struct {
	first    string
	member   string
	once     sync.Once
	policies []*ManagedPolicy
}

func (b *block) load() []*ManagedPolicy {
	b.once.Do(func() { b.policies, _ = readPolicies(b.member) })
	return b.policies
}

func readPolicies(member string) ([]*ManagedPolicy, error) {
	var rows []layout.Policy
	if err := layout.Unpack(member, &rows); err != nil {
		return nil, err
	}
	policies := make([]*ManagedPolicy, len(rows))
	for i, r := range rows {
		created, err := time.Parse(time.RFC3339, r.Created)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", r.Name, err)
		}
		updated, err := time.Parse(time.RFC3339, r.Updated)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", r.Name, err)
		}
		arn := arnPrefix + r.Path + r.Name
		policies[i] = &ManagedPolicy{
			ARN:              arn,
			Name:             r.Name,
			Path:             r.Path,
			PolicyID:         policyID(arn),
			DefaultVersionID: r.Version,
			Document:         string(r.Document),
			CreateDate:       created,
			UpdateDate:       updated,
		}
	}
	return policies, nil
}

// policyID makes an id of AWS's form, ANPA and 17 characters, out of an ARN.
func policyID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
