package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// SAMLUse says that an assertion was used, until it could not be used any more.
type SAMLUse struct {
	Key   string    `json:"key"` // hash of issuer and assertion's id
	Until time.Time `json:"until"`
}

const (
	rowSAMLUse = "saml-assertion"

	// samlUses bounds what an account remembers; a use is forgotten after minutes.
	samlUses = 50_000
	// samlKept is how long a use is remembered beyond its end, for clocks that
	// differ between nodes.
	samlKept = 5 * time.Minute
	// samlForgotten is how many one use forgets: more than are added.
	samlForgotten = 100
)

// UseSAMLAssertion uses an assertion up that was verified, whichever provider of
// the account it came by: the same one is refused ever after. It ends at until;
// what remembers it may then go.
func (d *Draft) UseSAMLAssertion(issuer, id string, until time.Time) error {
	now := d.env.Now()
	if !now.Before(until) { // it ended while it waited for the account's writer
		return Errorf(CodeExpiredIdentityToken, "Response has expired")
	}
	d.forgetSAMLUses(now)
	sum := sha256.Sum256([]byte(issuer + "\x00" + id)) // XML has no zero byte
	use := &SAMLUse{Key: hex.EncodeToString(sum[:]), Until: until.UTC().Add(time.Second).Truncate(time.Second)}
	if _, used := d.samlUses.Get(use.Key); used {
		return Errorf(CodeInvalidIdentityToken, "SAML Assertion was already used")
	}
	if d.samlUses.Len() >= samlUses {
		return Errorf(CodeThrottling, "Rate exceeded")
	}
	d.indexSAMLUse(use)
	d.note(rowSAMLUse, use.Key, use)
	return nil
}

// forgetSAMLUses forgets some of those that ended, the oldest first.
func (d *Draft) forgetSAMLUses(now time.Time) {
	var gone []*SAMLUse
	for _, use := range after(d.samlUsesByEnd, "") {
		if len(gone) == samlForgotten || !now.After(use.Until.Add(samlKept)) {
			break
		}
		gone = append(gone, use)
	}
	for _, use := range gone {
		d.samlUses.Delete(use.Key)
		d.samlUsesByEnd.Delete(use.end())
		d.note(rowSAMLUse, use.Key, nil)
	}
}

// end orders uses by when they end.
func (u *SAMLUse) end() string { return fmt.Sprintf("%020d%s", u.Until.Unix(), u.Key) }

func (d *Draft) indexSAMLUse(u *SAMLUse) {
	d.samlUses.Set(u.Key, u)
	d.samlUsesByEnd.Set(u.end(), u)
}
