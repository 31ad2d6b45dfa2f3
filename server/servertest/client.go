package servertest

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config makes the SDK's clients call url, signed by one key; token is empty for
// a long-term one.
func Config(url, region, keyID, secret, token string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(url), RetryMaxAttempts: 1, HTTPClient: Whole{},
		Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, token),
	}
}

// Whole sends a request with a body of its own. The SDK takes its body away as
// soon as the answer begins; net/http, which may not yet have looked for the
// body's end, then drops the connection amid a longer answer. With retries
// nobody notices; without, one in a few dozen calls would fail.
type Whole struct{}

// Do sends r and gives the answer.
func (Whole) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultTransport.RoundTrip(r)
}
