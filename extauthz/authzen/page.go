package authzen

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"iter"
	"strconv"
)

// Bounds of a search's page.
const (
	pageSize    = 100  // results, where the request sets no limit
	maxPage     = 1000 // results, whatever limit it sets
	maxExamined = 1000 // of those that may become results
	fullPage    = maxWork / 2
	maxToken    = 4 << 10 // bytes of a page token
)

// page is what part of a search's results is asked for.
type page struct {
	after string // the one that was looked at last before; "" at the beginning
	limit int
	bound []byte // what the search is, so that its tokens serve no other one
}

// found is a search's answer.
type found struct {
	Results []any    `json:"results"`
	Page    nextPage `json:"page"`
	Context grounds  `json:"context,omitzero"`
}

type nextPage struct {
	Next  string `json:"next_token"`
	Count int    `json:"count"`
}

func none(reason string) found { return found{Results: []any{}, Context: grounds{Reason: reason}} }

// page reads which page of the search is asked for. A token that was given for
// another search, to somebody else, or by nobody, is refused.
func (q *inquiry) page(in object) (p page, err error) {
	asked, err := in.object("page")
	if err != nil {
		return p, err
	}
	p.limit = pageSize
	if v, ok := asked["limit"]; ok {
		n, isNumber := v.(json.Number)
		limit, err := strconv.ParseUint(string(n), 10, 31)
		if !isNumber || err != nil || limit == 0 {
			return p, badRequest("page.limit must be a whole number above zero.")
		}
		p.limit = int(min(limit, maxPage))
	}
	rest := object{}
	for name, v := range in {
		if name != "page" {
			rest[name] = v
		}
	}
	text, err := json.Marshal([]any{q.event.Operation, q.caller.Kind, q.caller.UniqueID, q.caller.UserID, rest})
	if err != nil {
		return p, err
	}
	hash := sha256.Sum256(text)
	p.bound = hash[:]
	token, err := asked.text("page.", "token", false)
	if err != nil || token == "" {
		return p, err
	}
	bad := badRequest("page.token is not one that this search gave.")
	if len(token) > maxToken {
		return p, bad
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return p, bad
	}
	plain, err := q.door.deps.Unseal(q.account.ID, sealed)
	if err != nil || len(plain) < len(p.bound) || string(plain[:len(p.bound)]) != string(p.bound) {
		return p, bad
	}
	p.after = string(plain[len(p.bound):])
	return p, nil
}

// collect takes one page of what a walk comes by. A walk's keys say where to go on;
// try gives a result, or nil for what is none.
func collect[V any](q *inquiry, p page, walk iter.Seq2[string, V], try func(V) (any, error)) (found, error) {
	out := found{Results: []any{}}
	last, examined := p.after, 0
	for key, v := range walk {
		if len(out.Results) == p.limit || examined == maxExamined || q.budget <= maxWork-fullPage {
			plain := append(append(make([]byte, 0, len(p.bound)+len(last)), p.bound...), last...)
			out.Page.Next = base64.RawURLEncoding.EncodeToString(q.door.deps.Seal(q.account.ID, plain))
			break
		}
		result, err := try(v)
		if err != nil {
			return out, err
		}
		if result != nil {
			out.Results = append(out.Results, result)
		}
		last = key
		examined++
	}
	out.Page.Count = len(out.Results)
	return out, nil
}
