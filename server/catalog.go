package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"iamd/catalog"
	"iamd/store"
)

// A new release of the program may bring other AWS managed policies. As with AWS,
// who has one attached is then bound by what it says now. So that this never
// happens unnoticed, the store keeps what the policies were at the last start, and
// the log tells which attached ones are others. The row is an aggregate of its
// own: what is soft could be lost, and a change with it.
const (
	catalogAggregate = "catalog"
	catalogRow       = "managed-policies"
	catalogSchema    = 1
)

// seen is what the managed policies were when the program last started.
type seen struct {
	Fingerprint string            `json:"fingerprint"`
	Source      string            `json:"source"`
	Policies    map[string]string `json:"policies"` // ARN → version and hash, see catalog.Fingerprints
}

// renewal tells, once after the managed policies have become others, which of
// those that are attached did. It is run beside the serving of requests, as every
// account must be looked into. If that fails, or the program ends before, the
// next start tells.
func (s *Server) renewal(ctx context.Context) {
	if err := s.tellRenewal(ctx); err != nil && ctx.Err() == nil {
		s.cfg.Log.Error("AWS managed policies not held against those of the last start", "error", err)
	}
}

func (s *Server) tellRenewal(ctx context.Context) error {
	version, last, err := s.lastSeen(ctx)
	if err != nil {
		return err
	}
	if last.Fingerprint == catalog.Fingerprint() {
		return nil
	}
	now := seen{catalog.Fingerprint(), catalog.Source(), catalog.Fingerprints()}
	if version > 0 {
		if err := s.tellChanged(ctx, last, now); err != nil {
			return err
		}
	}
	data, err := json.Marshal(now)
	if err != nil {
		return err
	}
	err = s.backend.Commit(ctx, []store.Part{{Aggregate: catalogAggregate, Expect: version, Changes: store.Changes{
		Rows: []store.Row{{Kind: catalogRow, Schema: catalogSchema, Data: data}},
	}}})
	if errors.Is(err, store.ErrConflict) {
		return nil // another process has told
	}
	return err
}

func (s *Server) lastSeen(ctx context.Context) (version uint64, last seen, err error) {
	version, rows, err := s.backend.Load(ctx, catalogAggregate)
	if errors.Is(err, store.ErrNotFound) {
		return 0, last, nil
	}
	for _, r := range rows {
		if r.Kind != catalogRow || r.Schema != catalogSchema {
			return 0, last, fmt.Errorf("row %s of %s has form %d, which this program does not read", r.Kind, catalogAggregate, r.Schema)
		}
		err = errors.Join(err, json.Unmarshal(r.Data, &last))
	}
	return version, last, err
}

// tellChanged logs every attached policy that is another now: a line a policy,
// with how many accounts have it and some of them.
func (s *Server) tellChanged(ctx context.Context, last, now seen) error {
	changed := map[string]bool{}
	for arn, print := range last.Policies {
		changed[arn] = now.Policies[arn] != print
	}
	maps.DeleteFunc(changed, func(_ string, is bool) bool { return !is })
	attached := map[string][]string{} // ARN → accounts
	if err := s.eachAccount(ctx, func(id string, used func(func(string) bool)) {
		for arn := range used {
			if changed[arn] {
				attached[arn] = append(attached[arn], id)
			}
		}
	}); err != nil {
		return err
	}
	for _, arn := range slices.Sorted(maps.Keys(attached)) {
		const some = 10
		was, _, _ := strings.Cut(last.Policies[arn], " ")
		is, _, _ := strings.Cut(now.Policies[arn], " ")
		accounts := attached[arn]
		detail := []any{"policy", arn, "was", was, "accounts", len(accounts), "some", accounts[:min(some, len(accounts))]}
		if is == "" {
			s.cfg.Log.Error("an attached AWS managed policy is gone: whoever has it is denied everything until it is detached", detail...)
			continue
		}
		s.cfg.Log.Warn("an attached AWS managed policy has changed", append(detail, "is", is)...)
	}
	s.cfg.Log.Info("the AWS managed policies are others than at the last start; iamd catalog diff tells all differences",
		"was", last.Source, "is", now.Source, "changed", len(changed), "attached", len(attached))
	return nil
}

// eachAccount shows which AWS managed policies each account uses.
func (s *Server) eachAccount(ctx context.Context, show func(id string, used func(func(string) bool))) error {
	const many = 500
	for after := ""; ; {
		ids, err := s.accounts.IDs(ctx, after, many)
		if err != nil {
			return err
		}
		for _, id := range ids {
			a, err := s.accounts.View(ctx, id)
			if err != nil {
				return fmt.Errorf("account %s: %w", id, err)
			}
			show(id, a.AWSManagedInUse())
		}
		if len(ids) < many {
			return nil
		}
		after = ids[len(ids)-1]
	}
}
