package portable

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestListsInParts: a file that repeats a list is read in the time and the memory that
// its length asks for.
func TestListsInParts(t *testing.T) {
	const people, parts = 5000, 5000
	var b strings.Builder
	b.WriteString(`{"UserDetailList":[{"UserName":"u"}`)
	b.WriteString(strings.Repeat(`,{"UserName":"u"}`, people-1))
	b.WriteString(`]` + strings.Repeat(`,"UserDetailList":[]`, parts) + `,"UserDetailList":[{"UserName":"last"}]}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	in := NewReader(strings.NewReader(b.String()))
	item, err := in.Next()
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	list := item.Account.UserDetailList
	if n := len(list); n != people+1 || list[n-1].UserName != "last" {
		t.Errorf("%d users", n)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
		t.Errorf("%d bytes were taken for a text of %d", took, b.Len())
	}
	if _, err := in.Next(); err != io.EOF {
		t.Error(err)
	}
}
