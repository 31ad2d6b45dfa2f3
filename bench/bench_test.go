package main

import "testing"

// Every engine answers every question of every case as the case says.
func TestAnswers(t *testing.T) {
	for _, c := range cases() {
		allow, deny := false, false
		for _, q := range c.questions {
			allow, deny = allow || q.allowed, deny || !q.allowed
		}
		if !allow || !deny {
			t.Errorf("case %s asks for one answer only", c.name)
		}
		if _, err := enter(&c); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := layers(); err != nil {
		t.Error(err)
	}
}
