package audit

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unsafe"

	"iamd/store"
)

// nothingSaved is a sink that holds nothing.
type nothingSaved struct{ Sink }

func (nothingSaved) LoadSoft(context.Context, string) ([]store.Soft, error) { return nil, nil }

// TestAttemptHoldsNoHeader: what is kept of an attempt holds no part of the request that
// it was read from, which may be long.
func TestAttemptHoldsNoHeader(t *testing.T) {
	r := &Recorder{cfg: Config{Sink: nothingSaved{}, Log: slog.New(slog.DiscardHandler)}}
	header := strings.Repeat(",", 60<<10) + "AKIAEXAMPLE/us-east-1"
	id, region, _ := strings.Cut(header[60<<10:], "/")
	of := func(s string) bool { // whether it is a part of the header
		at, from := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(header)))
		return s != "" && at >= from && at < from+uintptr(len(header))
	}
	if !of(id) || !of(region) {
		t.Fatal("the test looks at nothing")
	}
	r.Attempted(t.Context(), Attempt{
		Account: "111122223333", ARN: "arn", KeyID: id, EntityID: "AIDAEXAMPLE", Service: "iam", Action: "GetUser", Region: region, Time: time.Now(),
	})
	u, err := r.usage(t.Context(), "111122223333")
	if err != nil || len(u.last) == 0 {
		t.Fatal(u, err)
	}
	for key, use := range u.last {
		if of(key.key) || of(use.Region) {
			t.Errorf("%v: %v", key, use)
		}
	}
	noted := 0
	for i := range u.latest {
		if a := u.latest[i].Load(); a != nil {
			if noted++; of(a.KeyID) || of(a.Region) {
				t.Errorf("noted: %+v", a)
			}
		}
	}
	if noted != 1 {
		t.Errorf("%d are noted", noted)
	}
}
