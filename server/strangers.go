package server

import (
	"context"
	"strings"

	"iamd/iam"
	"iamd/store"
)

// strangers looks into other accounts for the rules about trust policies.
type strangers struct {
	accounts *store.Aggregates[*iam.Account, *iam.Draft]
}

// principal finds a user or role by its ARN. held is false for an account that
// is not kept here.
func (s strangers) principal(arn string) (id string, ok, held bool) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) != 6 {
		return "", false, false
	}
	a, err := s.accounts.View(context.Background(), part[4])
	if err != nil {
		return "", false, false
	}
	if u, ok := a.UserByARN(arn); ok && strings.HasPrefix(part[5], "user/") {
		return u.ID, true, true
	}
	if r, ok := a.RoleByARN(arn); ok && strings.HasPrefix(part[5], "role/") {
		return r.ID, true, true
	}
	return "", false, true
}

// named finds the present ARN of a unique id.
func (s strangers) named(id, account string) (arn string, ok bool) {
	a, err := s.accounts.View(context.Background(), account)
	if err != nil {
		return "", false
	}
	if u, ok := a.UserByID(id); ok {
		return a.UserARN(u), true
	}
	if r, ok := a.RoleByID(id); ok {
		return a.RoleARN(r), true
	}
	return "", false
}
