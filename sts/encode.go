package sts

import (
	"encoding/json"
	"time"
)

// appendJSON appends the session as json.Marshal writes it. One is sealed for
// every token that is issued, so what every session has is written by hand.
func (s *Session) appendJSON(dst []byte) ([]byte, error) {
	w := sessionWriter{dst: dst}
	w.text(`{"k":`, string(s.Kind))
	w.text(`,"s":`, s.Secret)
	w.text(`,"a":`, s.Account)
	w.some(`,"u":`, s.UniqueID)
	w.some(`,"n":`, s.Name)
	w.time(`,"i":`, s.Issued)
	w.time(`,"e":`, s.Expires)
	appendList(&w, `,"p":`, s.Policies)
	appendList(&w, `,"m":`, s.PolicyARNs)
	appendList(&w, `,"t":`, s.Tags)
	appendList(&w, `,"x":`, s.Transitive)
	w.some(`,"o":`, s.SourceIdentity)
	w.some(`,"v":`, s.Provider)
	appendList(&w, `,"y":`, s.Keys)
	w.some(`,"d":`, s.Request)
	w.some(`,"g":`, s.Delegate)
	w.some(`,"l":`, s.Login)
	if !s.MFA.IsZero() {
		w.time(`,"f":`, s.MFA)
	}
	return append(w.dst, '}'), w.err
}

// sessionWriter appends members and keeps the first error.
type sessionWriter struct {
	dst []byte
	err error
}

func (w *sessionWriter) text(name, value string) {
	w.dst = append(w.dst, name...)
	for i := range len(value) {
		if !asItIs[value[i]] {
			w.marshal(value)
			return
		}
	}
	w.dst = append(append(append(w.dst, '"'), value...), '"')
}

// asItIs are the bytes that encoding/json writes as they are.
var asItIs = func() (is [256]bool) {
	for c := byte(' '); c <= '~'; c++ {
		is[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return is
}()

// some is text that is left out when it is empty.
func (w *sessionWriter) some(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *sessionWriter) time(name string, at time.Time) {
	w.dst = append(append(w.dst, name...), '"')
	dst, err := at.AppendText(w.dst)
	if err != nil {
		w.fail(err)
		return
	}
	w.dst = append(dst, '"')
}

// appendList leaves a list out when it is empty.
func appendList[T any](w *sessionWriter, name string, list []T) {
	if len(list) > 0 {
		w.dst = append(w.dst, name...)
		w.marshal(list)
	}
}

func (w *sessionWriter) marshal(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		w.fail(err)
		return
	}
	w.dst = append(w.dst, b...)
}

func (w *sessionWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
