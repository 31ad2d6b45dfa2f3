// Package testdata holds the scenario corpus: policy decisions by subject, with the answers that AWS's documentation gives.
// docs/policy-scenarios.md describes the format; package scenario reads it.
//
// It is a package so that the iamd command can carry the corpus. Nothing that an embedder of the policy library imports
// imports it.
package testdata

import (
	"embed"
	"io/fs"
)

//go:embed */*.txtar */*/*.txtar
var corpus embed.FS

// Corpus returns the files of the corpus.
func Corpus() fs.FS { return corpus }
