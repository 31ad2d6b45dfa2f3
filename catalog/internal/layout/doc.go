// Package layout is the shape of catalog's embedded data, shared by the
// generator that writes it and the package that reads it.
//
// A data file is a row of gzip members one after another, each one JSON text
// on one line, so that zcat shows the whole file and a reader that knows
// offset and length inflates one member only.
package layout
