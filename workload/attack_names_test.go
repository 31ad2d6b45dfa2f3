package workload_test

import (
	"net/http/httptest"
	"strconv"
	"testing"
)

// TestNamesAreNotTold: who has no token learns no task's name, by no count of guesses.
func TestNamesAreNotTold(t *testing.T) {
	answers := func(before, name string) (list []int) {
		w := newWorld(t)
		c, _ := w.containers()
		say := func(name string) int {
			r := httptest.NewRequest("GET", at+"/"+name, nil)
			r.Header.Set("Authorization", "guess")
			a := httptest.NewRecorder()
			c.ServeHTTP(a, r)
			return a.Code
		}
		for i := range 25 {
			n := before
			if before == "" {
				n = "made-up-" + strconv.Itoa(i)
			}
			list = append(list, say(n))
		}
		return append(list, say(name), say("another"))
	}
	want := answers("made-up", "made-up")
	for _, c := range [][2]string{{"made-up", "batch"}, {"", "batch"}, {"batch", "batch"}, {"batch", "made-up"}} {
		got := answers(c[0], c[1])
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("guesses at %q, then %q: answer %d is %d, want %d", c[0], c[1], i, got[i], want[i])
				break
			}
		}
	}
}
