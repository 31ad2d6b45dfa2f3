package org

import (
	"maps"
	"sync"
	"time"

	"iamd/iam"
)

// markDetached notes on a target that a policy was detached: that changes an
// effective policy, and leaves nothing else behind.
func (d *Draft) markDetached(at Attachment) {
	if at.Type.authorizes() {
		return
	}
	if at.Target == d.Root.ID {
		d.Root.Detached = marked(d.Root.Detached, at.Type, d.now())
		d.putSettings()
	} else if u, ok := d.Unit(at.Target); ok {
		next := *u
		next.Detached = marked(u.Detached, at.Type, d.now())
		d.putUnit(u, &next)
	} else if a, ok := d.Account(at.Target); ok {
		next := *a
		next.Detached = marked(a.Detached, at.Type, d.now())
		d.putAccount(a, &next)
	}
}

func (d *Draft) markEnabled(t PolicyType) {
	if !t.authorizes() {
		d.Root.Enabled = marked(d.Root.Enabled, t, d.now())
	}
}

func marked(have map[PolicyType]time.Time, t PolicyType, at time.Time) map[PolicyType]time.Time {
	next := maps.Clone(have)
	if next == nil {
		next = map[PolicyType]time.Time{}
	}
	next[t] = at
	return next
}

func (o *Organization) detachedFrom(target string, t PolicyType) time.Time {
	if u, ok := o.Unit(target); ok {
		return u.Detached[t]
	}
	if a, ok := o.Account(target); ok {
		return a.Detached[t]
	}
	return o.Root.Detached[t]
}

// attachedNext is the time of an attachment that begins now, after those that the
// target has, as their order counts.
func (d *Draft) attachedNext(target string, t PolicyType) time.Time {
	at := d.now()
	for _, other := range within(d.attached, target, "") {
		if other.Type == t && !at.After(other.Since) {
			at = other.Since.Add(time.Millisecond)
		}
	}
	return at
}

func (o *Organization) targetsOf(policy string) (ids []string) {
	for id := range o.TargetsAfter(policy, "") {
		ids = append(ids, id)
	}
	return ids
}

// keepingValid makes a change that concerns the effective policies of a type under
// some targets. Where one that was right becomes wrong, the account keeps it.
// https://docs.aws.amazon.com/organizations/latest/userguide/invalid-policy-alerts.html
func (d *Draft) keepingValid(t PolicyType, targets []string, change func()) {
	if !t.validated() || !d.Enabled(t) || len(targets) == 0 {
		change()
		return
	}
	before := d.Organization.Draft().Organization
	change()
	type kept struct{ account, content string }
	var list []kept
	wrong := map[string]bool{}
	d.eachEffective(t, targets, func(account string, e *evaluated) {
		if len(e.errors) == 0 {
			list = append(list, kept{account, ""})
		} else {
			wrong[account] = true
		}
	})
	if len(wrong) > 0 { // what was is not asked for otherwise: it takes long
		before.eachEffective(t, targets, func(account string, e *evaluated) {
			if wrong[account] && len(e.errors) == 0 {
				list = append(list, kept{account, e.content()})
			}
		})
	}
	for _, k := range list {
		d.keepValid(k.account, t, k.content)
	}
}

// keepingAllValid is keepingValid of every type.
func (d *Draft) keepingAllValid(targets []string, change func()) {
	for t := range validators {
		do := change
		change = func() { d.keepingValid(t, targets, do) }
	}
	change()
}

// keepValid keeps an effective policy for an account, "" for none.
func (d *Draft) keepValid(account string, t PolicyType, content string) {
	a, ok := d.Account(account)
	if !ok || a.LastValid[t] == content {
		return
	}
	next := *a
	next.LastValid = maps.Clone(a.LastValid)
	if content == "" {
		delete(next.LastValid, t)
	} else {
		if next.LastValid == nil {
			next.LastValid = map[PolicyType]string{}
		}
		next.LastValid[t] = content
	}
	d.putAccount(a, &next)
}

func (d *Draft) forgetValid(t PolicyType) {
	if !t.validated() {
		return
	}
	for _, id := range d.accounts.Keys() {
		d.keepValid(id, t, "")
	}
}

// evaluated is what policies come to, for one account or many.
type evaluated struct {
	merged *setting
	errors []ValidationError
	text   string
}

func (e *evaluated) content() string {
	if e.text == "" {
		e.text = string(e.merged.format(nil))
	}
	return e.text
}

// eachEffective walks the accounts under some targets with what the policies of a
// type come to for them. Each policy is merged once for each place that it is
// attached to, and accounts that have none of their own share their parent's.
func (o *Organization) eachEffective(t PolicyType, targets []string, visit func(account string, e *evaluated)) {
	wanted := map[string]bool{}
	for _, target := range targets {
		wanted[target] = true
	}
	for _, target := range targets {
		line := o.Line(target)
		if line == nil {
			continue
		}
		under, above := false, newSetting("", container)
		for _, step := range line[:len(line)-1] {
			under = under || wanted[step] // and comes with that
			if level := o.level(step, t); len(level) > 0 {
				above.merge(level)
			}
		}
		if !under {
			o.descend(t, target, above, nil, visit)
		}
	}
}

// descend visits a target and what is under it. above is what the levels above
// come to, shared the same as it is for accounts, nil while nobody asked.
func (o *Organization) descend(t PolicyType, target string, above *setting, shared *evaluated, visit func(string, *evaluated)) {
	here := above
	if level := o.level(target, t); len(level) > 0 {
		here, shared = above.clone(), nil
		here.merge(level)
	}
	if _, ok := o.Account(target); ok {
		if shared == nil {
			shared = evaluate(t, here)
		}
		visit(target, shared)
		return
	}
	for id, kind := range o.ChildrenAfter(target, "") {
		if kind == ChildAccount && shared == nil {
			shared = evaluate(t, here)
		}
		o.descend(t, id, here, shared, visit)
	}
}

func evaluate(t PolicyType, merged *setting) *evaluated {
	complete := merged.clone()
	complete.complete(syntaxes[t])
	return &evaluated{merged: complete, errors: validate(t, complete)}
}

// level are the policies of a type that are attached to a target, in the order in
// which they were.
func (o *Organization) level(target string, t PolicyType) (level []written) {
	for _, at := range o.attachedBySince(target, t) {
		p, ok := o.Policy(at.Policy)
		if !ok {
			continue
		}
		if n := o.documents.of(p); n != nil {
			level = append(level, written{p.ID, n})
		}
	}
	return level
}

// documents remembers management policies as they were read, for an organization
// and those that come of it.
type documents struct {
	mu    sync.Mutex
	nodes map[*iam.Document]*node
}

// mostDocuments bounds what is remembered. Beyond it everything is read anew.
const mostDocuments = 2000

// of reads a policy. It is nil for one that can't be read: every write was checked,
// and what an older program let in says nothing.
func (m *documents) of(p *Policy) *node {
	m.mu.Lock()
	n, ok := m.nodes[p.Content]
	m.mu.Unlock()
	if ok {
		return n
	}
	n, err := parseManagement(p.Type, p.Content.Text())
	if err != nil {
		n = nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.nodes == nil || len(m.nodes) >= mostDocuments {
		m.nodes = map[*iam.Document]*node{}
	}
	m.nodes[p.Content] = n
	return n
}
