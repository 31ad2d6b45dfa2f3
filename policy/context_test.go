package policy

import (
	"slices"
	"testing"
)

// counted counts how often its keys are asked for.
type counted struct{ times int }

func (s *counted) Fill(c *Context) {
	s.times++
	c.SetFolded("aws:username", "alice")
	c.Set("AWS:PrincipalTag/Team", "red")
}

// TestContextFrom: a source is asked when a key is wanted, once, and before whoever sets or takes away another.
func TestContextFrom(t *testing.T) {
	var c Context
	for name, want := range map[string]struct {
		use  func()
		keys []string
	}{
		"Get":    {func() { c.Get("aws:UserName") }, []string{"aws:username", "aws:principaltag/team"}},
		"Keys":   {func() { c.Keys() }, []string{"aws:username", "aws:principaltag/team"}},
		"Filled": {c.Filled, []string{"aws:username", "aws:principaltag/team"}},
		"Set":    {func() { c.Set("aws:UserName", "bob") }, []string{"aws:principaltag/team", "aws:username"}},
		"list":   {func() { c.SetList("aws:TagKeys", "a") }, []string{"aws:username", "aws:principaltag/team", "aws:tagkeys"}},
		"Delete": {func() { c.Delete("aws:UserName") }, []string{"aws:principaltag/team"}},
		"Work":   {func() { new(Policies).Work(&Request{Context: &c}, 1<<20) }, []string{"aws:username", "aws:principaltag/team"}},
	} {
		source := &counted{}
		c.From(source)
		if source.times != 0 {
			t.Errorf("%s: asked before anyone wanted a key", name)
		}
		if want.use(); source.times != 1 {
			t.Errorf("%s: asked %d times", name, source.times)
		}
		if got := c.Keys(); !slices.Equal(got, want.keys) || source.times != 1 {
			t.Errorf("%s: %q, asked %d times", name, got, source.times)
		}
		c.From(source)
		if c.Reset(); len(c.Keys()) != 0 || source.times != 1 {
			t.Errorf("%s: after Reset %q, asked %d times", name, c.Keys(), source.times)
		}
	}
}

// TestDecideAsksSeldom: only what a policy that is looked at asks for makes a source set the keys; the decision is that
// of a context which has them.
func TestDecideAsksSeldom(t *testing.T) {
	for name, want := range map[string]struct {
		statements string
		times      int
		allowed    bool
	}{
		"no condition":     {`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, 0, true},
		"another action's": {`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"alice"}}}`, 0, true},
		"condition":        {`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:username":"alice","aws:PrincipalTag/team":"red"}}}`, 1, true},
		"missing key":      {`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:username":"true"}}}`, 1, false},
		"variable":         {`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}"}`, 1, true},
	} {
		source := &counted{}
		var c Context
		c.From(source)
		p := &Policies{Identity: []Attached{{ID: "p", Policy: compiled(t, document("["+want.statements+"]"))}}}
		d := Decide(&Request{Principal: alice(), Action: "s3:GetObject", Resource: "arn:aws:s3:::home/alice", Context: &c}, p)
		if d.Allowed != want.allowed || source.times != want.times {
			t.Errorf("%s: %+v, asked %d times", name, d, source.times)
		}
	}
}
