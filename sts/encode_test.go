package sts

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// fill gives every member of a value something, texts the given one.
func fill(v reflect.Value, text string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 11, 1, 12, 30, 59, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), text)
			}
		}
	default:
		panic("a member of a kind that no session has: " + v.Type().String())
	}
}

// TestAppendJSON: what is written by hand is what encoding/json writes, with every
// member, with each one alone, and with none.
func TestAppendJSON(t *testing.T) {
	same := func(s *Session) {
		t.Helper()
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.appendJSON([]byte("before"))
		if err != nil || string(got) != "before"+string(want) {
			t.Errorf("\n%s, %v, want\n%s", got, err, want)
		}
	}
	same(new(Session))
	for _, text := range []string{"plain", `quote " back \`, "<a>&", "tab\t", "é", "\u2028", "\xff", "\x7f"} {
		var s Session
		fill(reflect.ValueOf(&s).Elem(), text)
		same(&s)
	}
	for i := range reflect.TypeFor[Session]().NumField() {
		var s Session
		if f := reflect.ValueOf(&s).Elem().Field(i); f.CanSet() {
			fill(f, "one")
			same(&s)
		}
	}
	wrong := Session{Issued: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if got, err := wrong.appendJSON(nil); err == nil {
		t.Errorf("a year of five digits: %s", got)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	now := time.Date(2026, 11, 1, 12, 30, 59, 0, time.UTC)
	s := Session{
		Kind: AssumedRole, Secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Account: "123456789012",
		UniqueID: "AROAEXAMPLEEXAMPLE123", Name: "session", Issued: now, Expires: now.Add(time.Hour),
	}
	room := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.appendJSON(room); err != nil {
			b.Fatal(err)
		}
	}
}
