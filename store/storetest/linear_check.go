package storetest

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// lags tells what may be of before.
func (s *sight) lags() bool { return s.plain && (s.act.kind == "" || s.refused != "") }

// check looks at all that was seen.
func (r *linear) check() string {
	// What is there in the end tells which of the acts with unknown ends were done,
	// and where: no order but one that puts them there leads to it.
	for i := range ledgers {
		id := fmt.Sprint(i)
		_, rows, err := r.Ways[0].Load(r.t.Context(), "ledger/"+id)
		if err != nil {
			return err.Error()
		}
		last, err := loadLedger(id, rows)
		if err != nil {
			return err.Error()
		}
		at := map[string]int{}
		for n, line := range last.log {
			at[line] = n
		}
		made := map[string]act{}
		r.seen = slices.DeleteFunc(r.seen, func(s sight) bool {
			if s.ledger != id || s.act.kind == "" {
				return false
			}
			made[s.act.id] = s.act
			_, done := at[s.act.id]
			return s.unknown && !done
		})
		for i := range r.seen {
			if s := &r.seen[i]; s.ledger == id && s.unknown {
				s.n, s.refused, s.ret = at[s.act.id], "", math.MaxInt64
			}
		}
		if wrong := r.checkLags(id, last, made); wrong != "" {
			return wrong
		}
	}
	return r.checkOrder()
}

// checkLags holds what may be of before to what was once, and to what its process
// has answered.
func (r *linear) checkLags(id string, last *ledger, made map[string]act) string {
	states := []people{{}}
	for n, line := range last.log {
		a, ok := made[line]
		next, refused := states[n].do(a)
		if !ok || refused != "" {
			return fmt.Sprintf("ledger %s: line %d is %q, which nobody can have written there (%s)", id, n, line, refused)
		}
		states = append(states, next)
	}
	if !maps.Equal(states[len(last.log)], last.people) {
		return fmt.Sprintf("ledger %s holds %v, its log makes %v", id, last.people, states[len(last.log)])
	}
	all := slices.SortedFunc(slices.Values(r.seen), func(a, b sight) int { return int(a.call - b.call) })
	for p := range r.processes {
		var ended []sight // of the process, by when they ended
		for _, s := range r.seen {
			if s.ledger == id && s.process == p && !s.unknown {
				ended = append(ended, s)
			}
		}
		slices.SortFunc(ended, func(a, b sight) int { return int(a.ret - b.ret) })
		least, from := 0, 0
		for _, s := range all {
			if s.ledger != id || s.process != p || s.unknown {
				continue
			}
			for ; from < len(ended) && ended[from].ret < s.call; from++ {
				known := ended[from].n
				if ended[from].act.kind != "" && ended[from].refused == "" {
					known++ // with its own line
				}
				least = max(least, known)
			}
			switch {
			case s.n < least:
				return fmt.Sprintf("process %d saw %d lines of ledger %s, after it had told of %d: %+v", p, s.n, id, least, s)
			case s.n >= len(states):
				return fmt.Sprintf("process %d saw %d lines of ledger %s, of %d: %+v", p, s.n, id, len(last.log), s)
			case s.act.kind == "" && !maps.Equal(s.people, states[s.n]):
				return fmt.Sprintf("process %d saw %v in ledger %s with %d lines, and there was %v", p, s.people, id, s.n, states[s.n])
			}
			if s.refused != "" {
				if _, want := states[s.n].do(s.act); want != s.refused {
					return fmt.Sprintf("process %d refused %+v as %q, and by %v it is %q", p, s.act, s.refused, states[s.n], want)
				}
			}
		}
	}
	return ""
}

// checkOrder looks for an order of all that doesn't lag.
func (r *linear) checkOrder() string {
	var history []porcupine.Operation
	for i, s := range r.seen {
		if !s.lags() {
			client := s.client
			if s.unknown {
				client = len(r.seen) + i // the client itself went on
			}
			history = append(history, porcupine.Operation{ClientId: client, Input: s, Call: s.call, Output: s, Return: s.ret})
		}
	}
	r.t.Logf("%d of them in order", len(history))
	result, info := porcupine.CheckOperationsVerbose(order, history, 5*time.Minute)
	if result == porcupine.Ok {
		return ""
	}
	path := filepath.Join(r.t.ArtifactDir(), "history.html")
	if err := porcupine.VisualizePath(order, info, path); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("what was seen has no order (%s): %s", result, path)
}

// standing is a state of the order.
type standing struct {
	n      int
	people people
}

// order is a ledger as one client after the other would see it.
var order = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, ledgers)
		for i := range parts {
			for _, o := range history {
				if o.Input.(sight).ledger == fmt.Sprint(i) {
					parts[i] = append(parts[i], o)
				}
			}
		}
		return parts
	},
	Init: func() any { return standing{people: people{}} },
	Step: func(state, input, _ any) (bool, any) {
		at, s := state.(standing), input.(sight)
		if s.n != at.n {
			return false, state
		}
		if s.act.kind == "" {
			return maps.Equal(s.people, at.people), state
		}
		next, refused := at.people.do(s.act)
		switch {
		case refused != s.refused:
			return false, state
		case refused != "":
			return true, state
		}
		return true, standing{at.n + 1, next}
	},
	Equal: func(a, b any) bool {
		one, other := a.(standing), b.(standing)
		return one.n == other.n && maps.Equal(one.people, other.people)
	},
	Hash: func(state any) uint64 { return uint64(state.(standing).n) },
	DescribeOperation: func(input, _ any) string {
		s := input.(sight)
		if s.act.kind == "" {
			return fmt.Sprintf("%d: %v", s.n, s.people)
		}
		return fmt.Sprintf("%d: %s %s %s %s", s.n, s.act.kind, s.act.name, s.act.other, s.refused)
	},
	DescribeState: func(state any) string {
		return fmt.Sprintf("%d: %v", state.(standing).n, state.(standing).people)
	},
}
