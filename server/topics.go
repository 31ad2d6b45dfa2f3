package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Topics are notification topics, each with the URL that its messages are posted
// to, in the form in which Amazon SNS posts to subscribers, unsigned.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
type Topics struct {
	urls   map[string]string // by ARN
	client *http.Client
	now    func() time.Time
}

// NewTopics are the topics with these ARNs and URLs.
func NewTopics(urls map[string]string, now func() time.Time) (*Topics, error) {
	for arn, to := range urls {
		u, err := url.Parse(to)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("topic %s: %q is no http or https URL", arn, to)
		}
	}
	// A token goes to whom the configuration names, and to nobody else.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Topics{urls: urls, client: client, now: now}, nil
}

// Has tells whether a topic is known.
func (t *Topics) Has(arn string) bool { return t.urls[arn] != "" }

// notification is a message as subscribers get it.
type notification struct {
	Type      string
	TopicARN  string `json:"TopicArn"`
	Message   string
	Timestamp time.Time
}

// Publish posts a message, and fails unless the answer is of the kind 2xx.
func (t *Topics) Publish(ctx context.Context, arn string, message []byte) error {
	to := t.urls[arn]
	if to == "" {
		return errors.New("server: no such topic: " + arn)
	}
	body, err := json.Marshal(notification{"Notification", arn, string(message), t.now().UTC()})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	r.Header.Set("X-Amz-Sns-Message-Type", "Notification")
	r.Header.Set("X-Amz-Sns-Topic-Arn", arn)
	answer, err := t.client.Do(r)
	if err != nil {
		return fmt.Errorf("server: topic %s: %w", arn, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("server: topic %s: answered %s", arn, answer.Status)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	return err
}
