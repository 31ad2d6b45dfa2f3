package lwa

import (
	"fmt"
	"time"

	"iamd/iam"
)

// codeKey names a used code so that those that end first come first.
func codeKey(ends time.Time, id string) string { return fmt.Sprintf("%012d %s", ends.Unix(), id) }

// codeKept is how long a used code is remembered beyond its end, for clocks that
// differ between nodes.
const codeKept = 5 * time.Minute

// pruned bounds how many rows one use takes out.
const pruned = 1000

// useCode notes that a code was used, which it can be once: of many uses the one
// that is committed first. It fails with ErrGrant.
func (d *Draft) useCode(t *token) error {
	app, ok := d.applications.Get(t.Client)
	if !ok || app.authorizationByID(t.Authorization) == nil {
		return ErrGrant
	}
	now, ends := d.env.Now(), time.Unix(t.Expires, 0)
	if !now.Before(ends) {
		return ErrGrant
	}
	d.prune(now)
	key := codeKey(ends, t.ID)
	if _, used := d.codes.Get(key); used {
		return ErrGrant
	}
	if d.codes.Len() >= d.env.Quotas.UsedCodes {
		return iam.Errorf(CodeThrottling, "The account used %d authorization codes within %v.", d.codes.Len(), CodeLife+codeKept)
	}
	d.codes.Set(key, struct{}{})
	d.notes.Row(rowCode, key, struct{}{})
	return nil
}

// prune forgets used codes that are too old to be used again.
func (d *Draft) prune(now time.Time) {
	var old []string
	limit := codeKey(now.Add(time.Second-codeKept), "") // what ends this second has ended
	d.codes.Scan(func(key string, _ struct{}) bool {
		if key >= limit || len(old) == pruned {
			return false
		}
		old = append(old, key)
		return true
	})
	for _, key := range old {
		d.codes.Delete(key)
		d.notes.Row(rowCode, key, nil)
	}
}
