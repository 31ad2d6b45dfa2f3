package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// model is the part of a service-2.json that limits come from.
type model struct {
	Metadata struct {
		EndpointPrefix string `json:"endpointPrefix"`
	} `json:"metadata"`
	Operations map[string]*operation `json:"operations"`
	Shapes     map[string]*shape     `json:"shapes"`
}

type operation struct {
	Input  *ref `json:"input"`
	Output *ref `json:"output"`
}

type ref struct {
	Shape string `json:"shape"`
}

type shape struct {
	Type      string   `json:"type"`
	Members   members  `json:"members"`
	Required  []string `json:"required"`
	Member    *ref     `json:"member"`
	Key       *ref     `json:"key"`
	Value     *ref     `json:"value"`
	Min       *int64   `json:"min"`
	Max       *int64   `json:"max"`
	Pattern   string   `json:"pattern"`
	Enum      []string `json:"enum"`
	Sensitive bool     `json:"sensitive"`
}

// members keeps the model's order, which is the order AWS reports faults in.
type members []member

// Location is where a member travels, "" for the body, under LocationName.
type member struct {
	Name         string `json:"-"`
	Shape        string `json:"shape"`
	Location     string `json:"location"`
	LocationName string `json:"locationName"`
}

func (m *members) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		next := member{Name: name.(string)}
		if err := d.Decode(&next); err != nil {
			return err
		}
		*m = append(*m, next)
	}
	return nil
}

// hidden are shapes that the models do not mark and that are secrets all the
// same: a session token is half of what a caller signs with, and a one-time
// code is one until it has been used.
var hidden = map[string]bool{
	"tokenType":              true, // sts: Credentials.SessionToken
	"tokenCodeType":          true, // sts: TokenCode
	"authenticationCodeType": true, // iam: AuthenticationCode1, AuthenticationCode2
}

func readModel(folder, service string) (*model, error) {
	names, err := filepath.Glob(filepath.Join(folder, service, "*", "service-2.json*"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no service-2.json under %s", service, folder)
	}
	m := &model{}
	// Versions sort by date: the last is the newest.
	if err := readJSON(names[len(names)-1], m); err != nil {
		return nil, err
	}
	for name, s := range m.Shapes {
		if hidden[name] {
			s.Sensitive = true
		}
	}
	return m, nil
}

// keep leaves one operation, or all of them if only is empty.
func (m *model) keep(only string) error {
	if only == "" {
		return nil
	}
	o := m.Operations[only]
	if o == nil {
		return errors.New("no operation " + only)
	}
	m.Operations = map[string]*operation{only: o}
	return nil
}

func readJSON(name string, v any) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := json.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// merge adds what newer holds. It refuses to change what is there, so that an
// addition is noticed and removed once the models have caught up.
func (m *model) merge(newer *model) error {
	if newer == nil {
		return nil
	}
	for name, o := range newer.Operations {
		if m.Operations[name] != nil {
			return fmt.Errorf("the models hold operation %s by now", name)
		}
		m.Operations[name] = o
	}
	for name, s := range newer.Shapes {
		old := m.Shapes[name]
		if old == nil {
			m.Shapes[name] = s
			continue
		}
		if len(old.Enum) > 0 && len(s.Enum) > 0 {
			for _, value := range s.Enum {
				if slices.Contains(old.Enum, value) {
					return fmt.Errorf("the models hold %s of %s by now", value, name)
				}
			}
			old.Enum = append(old.Enum, s.Enum...)
			continue
		}
		if old.Type != "structure" || s.Type != "structure" {
			return errors.New("only structures and enums can be added to, not " + name)
		}
		for _, add := range s.Members {
			for _, has := range old.Members {
				if has.Name == add.Name {
					return fmt.Errorf("the models hold %s.%s by now", name, add.Name)
				}
			}
			old.Members = append(old.Members, add)
		}
		old.Required = append(old.Required, s.Required...)
	}
	return nil
}
