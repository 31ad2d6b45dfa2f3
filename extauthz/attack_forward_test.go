package extauthz_test

import (
	"net/http"
	"testing"
)

// TestForwardFraming: the proxies pass Transfer_Encoding on, which some services read
// for the message's own.
func TestForwardFraming(t *testing.T) {
	door := forward(t, newWorld(t), nil)
	for _, name := range []string{"Transfer_Encoding", "transfer.encoding", "Content_Length"} {
		r := telling(t, door.URL, signed(t, alice, "GET", "/orders/1", nil), "HTTP/1.1 /")
		r.Header[name] = []string{"1"}
		do(t, r).is(t, http.StatusBadRequest, "400", "BadRequestException", "not accepted")
	}
}
