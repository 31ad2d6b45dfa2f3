package lwa

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed personal.tsv
var personalTable string

// AllElements stands for all personal data of an operation that leaves no choice
// of data elements.
const AllElements = "*"

// personal is what a data element is in an answer.
type personal struct {
	element string
	members []string
}

// addPersonal puts a row of personal.tsv to the operations that it is for.
func (o *operations) addPersonal(f []string) error {
	under, p := f[0], personal{f[1], strings.Split(f[2], ",")}
	found := false
	for _, list := range o.restricted {
		for i := range list {
			op := &list[i]
			if op.need != needData || op.path != under && !strings.HasPrefix(op.path, under+"/") {
				continue
			}
			if p.element == AllElements && len(op.elements) == 0 || slices.Contains(op.elements, p.element) {
				op.personal, found = append(op.personal, p), true
			}
		}
	}
	if !found {
		return fmt.Errorf("no operation under %s answers with %s", under, p.element)
	}
	return nil
}

// Withheld names the members of JSON that the answer to a call must do without, as
// personal data that its token does not grant; granted are an Admission's
// DataElements. It names none for operations that are refused without a restricted
// data token, and for all that are not restricted.
func (s *Service) Withheld(method, path string, granted []string) []string {
	op, _ := find(s.operations.restricted, method, path)
	var names []string
	for _, p := range op.personal {
		if !slices.Contains(granted, p.element) {
			names = append(names, p.members...)
		}
	}
	return names
}

// grant adds elements that are not there yet.
func (in *Admission) grant(elements []string) {
	for _, e := range elements {
		if !slices.Contains(in.DataElements, e) {
			in.DataElements = append(in.DataElements, e)
		}
	}
}
