package limits

import (
	"context"
	"errors"
	"testing"

	"iamd/iam"
)

// TestHashing: an account has so many at work or waiting, whoever else has none,
// and who goes away makes room.
func TestHashing(t *testing.T) {
	h := NewTurns(1, HashingShare)
	ctx, gone := context.WithCancel(context.Background())
	begun, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, HashingShare)
	go func() {
		done <- h.Do(context.Background(), "a", func() error { close(begun); <-end; return nil })
	}()
	<-begun
	for range HashingShare - 1 {
		if !h.enter("a") {
			t.Fatal("too few may wait")
		}
		h.leave("a")
		go func() { done <- h.Do(ctx, "a", func() error { return errors.New("ran") }) }()
	}
	gone()
	for range HashingShare - 1 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
		}
	}
	for range HashingShare - 1 {
		h.enter("a")
	}
	var refused *iam.Error
	if err := h.Do(context.Background(), "a", func() error { return nil }); !errors.As(err, &refused) || refused.Code != iam.CodeThrottling || refused.Message != "Rate exceeded" {
		t.Errorf("one too many: %v", err)
	}
	if !h.enter("b") {
		t.Error("another account is kept out")
	}
	h.leave("b")
	for range HashingShare - 1 {
		h.leave("a")
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(h.accounts) != 0 {
		t.Errorf("left behind: %v", h.accounts)
	}
}
