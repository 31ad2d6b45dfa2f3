package gateway

import (
	"net/http"
	"strconv"
)

const (
	// API Gateway's own bound of request line and header values together.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	defaultMaxHeader = 10240
	// maxARN is how long a guarded method's ARN may be.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
	maxARN = 1600
)

// bounded refuses a request whose line and header values are longer than they
// may be. AWS does not document the answer; the status is the one made for it.
func (g *Gateway) bounded(r *http.Request) error {
	uri := len(r.RequestURI)
	if uri == 0 {
		uri = len(r.URL.RequestURI())
	}
	size := int64(len(r.Method) + uri + len(r.Proto) + len("  \r\n") + len(r.Host))
	for _, values := range r.Header {
		for _, v := range values {
			size += int64(len(v))
		}
	}
	if size <= g.maxHeader {
		return nil
	}
	return &refusal{
		status: http.StatusRequestHeaderFieldsTooLarge, kind: kindHeadersTooLarge, text: "Request Header Fields Too Large",
		detail: "The request line and the values of the headers may have " + strconv.FormatInt(g.maxHeader, 10) + " bytes together.",
	}
}

// askable refuses a resource whose ARN is longer than a policy can be asked about.
func (c *call) askable() error {
	if len(c.event.Resource) <= maxARN || c.route.Authorization == AuthorizationNone && c.route.ResourcePolicy == "" {
		return nil
	}
	return &refusal{
		status: http.StatusRequestURITooLong, kind: kindLongURI, text: "Request URI too long",
		detail: "The ARN of a guarded method may have " + strconv.Itoa(maxARN) + " bytes.",
	}
}
