package org

import (
	"encoding/base32"
	"io"
	"strings"
)

// ARN is the organization's own.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_arn-formats.html
func (o *Organization) ARN() string {
	return "arn:aws:organizations::" + o.Management + ":organization/" + o.ID
}

// TargetARN is the ARN of a root, a unit or an account, by its id, be it there
// or not.
func (o *Organization) TargetARN(id string) string {
	kind := "account"
	switch {
	case strings.HasPrefix(id, "r-"):
		kind = "root"
	case strings.HasPrefix(id, "ou-"):
		kind = "ou"
	}
	return o.arn(kind, id)
}

// PolicyARN is the ARN of a policy.
func (o *Organization) PolicyARN(p *Policy) string {
	kind := strings.ToLower(string(p.Type))
	if p.AWSManaged() {
		return "arn:aws:organizations::aws:policy/" + kind + "/" + p.ID
	}
	return o.arn("policy", kind+"/"+p.ID)
}

// HandshakeARN is the ARN of a handshake.
func (o *Organization) HandshakeARN(h *Handshake) string {
	return o.arn("handshake", strings.ToLower(h.Action)+"/"+h.ID)
}

// ResourcePolicyARN is the ARN of the delegation policy.
func (o *Organization) ResourcePolicyARN(p *ResourcePolicy) string {
	return o.arn("resourcepolicy", p.ID)
}

func (o *Organization) arn(kind, rest string) string {
	return "arn:aws:organizations::" + o.Management + ":" + kind + "/" + o.ID + "/" + rest
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID makes an organization's id: o- and ten characters.
func NewID(rand io.Reader) string { return "o-" + random(rand, 10) }

// random makes n letters and digits, as the ids of Organizations have them. It
// panics when randomness fails, as no id could be trusted after.
func random(rand io.Reader, n int) string {
	b := make([]byte, n)
	if _, err := io.ReadFull(rand, b); err != nil {
		panic("org: no randomness: " + err.Error())
	}
	return idEncoding.EncodeToString(b)[:n]
}

// free makes ids until one is free. Short ids fall on each other once in a while,
// and what has one must not be written over.
func free[V any](taken *index[V], makeID func() string) string {
	for {
		id := makeID()
		if _, ok := taken.Get(id); !ok {
			return id
		}
	}
}

func (d *Draft) newPolicyID() string {
	return free(d.policies, func() string { return "p-" + random(d.env.Rand, 8) })
}

func (d *Draft) newHandshakeID() string { return "h-" + random(d.env.Rand, 32) }
func (d *Draft) newCreationID() string  { return "car-" + random(d.env.Rand, 32) }

// newUnitID makes a unit's id, which carries the root's letters.
func (d *Draft) newUnitID() string {
	return free(d.units, func() string { return "ou-" + strings.TrimPrefix(d.Root.ID, "r-") + "-" + random(d.env.Rand, 8) })
}
