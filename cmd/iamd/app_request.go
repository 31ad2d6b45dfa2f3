package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// appRequest is a request about applications.
type appRequest struct {
	method, path string
	body         any // nil: none
}

// rawAnswer is what iamd answered, in its own order; empty for no answer.
type rawAnswer = json.RawMessage

const (
	appService = "sellingpartnerapi" // the signature's
	appRoot    = "/spapi/applications"
	appTimeout = 30 * time.Second
	appLongest = 1 << 20 // bytes of an answer
)

// send signs the request and sends it. An answer that tells of an error becomes
// one.
func (r appRequest) send(ctx context.Context, cfg aws.Config) (rawAnswer, error) {
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, appTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, strings.TrimSuffix(*cfg.BaseEndpoint, "/")+appRoot+r.path, bytes.NewReader(body))
	if err != nil {
		return nil, usagef("--endpoint: %w", err)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("who are you? Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or --credentials-file: %w", err)
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(hash[:]), appService, cfg.Region, time.Now()); err != nil {
		return nil, err
	}
	// A redirect would have to be signed anew, for whoever it names.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, appLongest))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 != 2 {
		return nil, appError(answer.Status, text)
	}
	if len(text) > 0 && !json.Valid(text) {
		return nil, fmt.Errorf("%s answered something else than JSON: is it an iamd?", req.URL.Host)
	}
	return text, nil
}

func appError(status string, text []byte) error {
	var e struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &e) != nil || e.Code == "" {
		return fmt.Errorf("the server answered %s, as no iamd does: is --endpoint right?", status)
	}
	return fmt.Errorf("%s: %s", e.Code, e.Message)
}
