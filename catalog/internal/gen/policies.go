package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"iamd/catalog/internal/layout"
)

// blockSize is how many bytes of documents are compressed together: enough
// for neighbours to share their words, little enough to inflate at once.
const blockSize = 64 << 10

// readPolicies returns the policies ordered by name, and the date on which the
// latest of them changed.
func readPolicies(dir string) ([]layout.Policy, string, error) {
	var in map[string]struct {
		ARN     string `json:"arn"`
		Latest  string `json:"latestVersionId"`
		Created string `json:"createdDate"`
		// Updated is when the latest version came to be. The versions carry
		// a date of their own, but in many that is the policy's.
		Updated  string `json:"lastUpdatedDate"`
		Versions map[string]struct {
			Document json.RawMessage `json:"document"`
		} `json:"versions"`
	}
	if err := readJSON(filepath.Join(dir, "dist", "managedPolicies.json"), &in); err != nil {
		return nil, "", err
	}
	var newest time.Time
	var out []layout.Policy
	for _, name := range slices.Sorted(maps.Keys(in)) {
		p := in[name]
		path, ok := strings.CutPrefix(p.ARN, "arn:aws:iam::aws:policy/")
		path, named := strings.CutSuffix("/"+path, "/"+name)
		if !ok || !named {
			return nil, "", fmt.Errorf("policy %s: ARN %q", name, p.ARN)
		}
		var document bytes.Buffer
		if err := json.Compact(&document, p.Versions[p.Latest].Document); err != nil {
			return nil, "", fmt.Errorf("policy %s %s: %w", name, p.Latest, err)
		}
		if !bytes.HasPrefix(document.Bytes(), []byte("{")) {
			return nil, "", fmt.Errorf("policy %s %s: not an object", name, p.Latest)
		}
		created, err := time.Parse(time.RFC3339, p.Created)
		if err != nil {
			return nil, "", fmt.Errorf("policy %s: %w", name, err)
		}
		updated, err := time.Parse(time.RFC3339, p.Updated)
		if err != nil {
			return nil, "", fmt.Errorf("policy %s: %w", name, err)
		}
		if updated.After(newest) {
			newest = updated
		}
		out = append(out, layout.Policy{
			Name:     name,
			Path:     path + "/",
			Version:  p.Latest,
			Created:  created.UTC().Format(time.RFC3339),
			Updated:  updated.UTC().Format(time.RFC3339),
			Document: document.Bytes(),
		})
	}
	return out, newest.UTC().Format(time.DateOnly), nil
}

// packPolicies returns the policies in blocks and enters these in the index.
func packPolicies(policies []layout.Policy, index *layout.Index) ([]byte, error) {
	var file []byte
	for len(policies) > 0 {
		n := 0
		for size := 0; n < len(policies) && size < blockSize; n++ {
			size += len(policies[n].Document)
		}
		member, err := layout.Pack(policies[:n])
		if err != nil {
			return nil, err
		}
		index.Policies = append(index.Policies, layout.BlockSpan{
			First: policies[0].Name,
			Span:  layout.Span{Offset: len(file), Length: len(member)},
		})
		file = append(file, member...)
		policies = policies[n:]
	}
	return file, nil
}
