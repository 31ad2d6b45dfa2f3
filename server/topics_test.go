package server

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTopics(t *testing.T) {
	const arn = "arn:aws:sns:us-east-1:123456789012:delegations"
	var got notification
	status := http.StatusOK
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &got)
		}
		if err != nil || r.Header.Get("X-Amz-Sns-Message-Type") != "Notification" || r.Header.Get("X-Amz-Sns-Topic-Arn") != arn {
			t.Errorf("%s %v %v", body, r.Header, err)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer to.Close()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	topics, err := NewTopics(map[string]string{arn: to.URL}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if !topics.Has(arn) || topics.Has(arn+"x") {
		t.Error("other topics are known than were given")
	}
	if err := topics.Publish(t.Context(), arn, []byte(`{"a":1}`)); err != nil || got.Message != `{"a":1}` || got.TopicARN != arn || !got.Timestamp.Equal(now) {
		t.Errorf("published %+v %v", got, err)
	}
	for _, status = range []int{http.StatusInternalServerError, http.StatusTemporaryRedirect} {
		if err := topics.Publish(t.Context(), arn, nil); err == nil || !strings.Contains(err.Error(), http.StatusText(status)) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if err := topics.Publish(t.Context(), arn+"x", nil); err == nil {
		t.Error("published on a topic that nobody gave")
	}
	for _, bad := range []string{"", "ftp://x", "http://", "://"} {
		if _, err := NewTopics(map[string]string{arn: bad}, time.Now); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
