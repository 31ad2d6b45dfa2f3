package fleet

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"iamd/sigv4"
)

// Host is what requests say that they are for: the same for all servers, as it is signed.
const Host = "iamd.example.com"

// Sign makes the bytes of a query request. They may be sent again until the
// signature is 15 minutes old.
func Sign(key sigv4.Credentials, service string, form ...string) []byte {
	values := url.Values{"Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	body := values.Encode()
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {"bench"}}
	return SignRequest(key, service, "/", h, []byte(body))
}

// SignRequest makes the bytes of a request to a path: a POST if it has a body.
func SignRequest(key sigv4.Credentials, service, path string, h http.Header, body []byte) []byte {
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, "http://"+Host+path, bytes.NewReader(body))
	if err != nil {
		panic(err) // paths are this program's own
	}
	r.Header = h
	opt := sigv4.Options{Service: service, Region: "us-east-1", DoubleEncode: true, NormalizePath: service == "execute-api"}
	if err := sigv4.Sign(r, sha256.Sum256(body), key, time.Now(), opt); err != nil {
		panic(err) // so are keys
	}
	var raw bytes.Buffer
	if err := r.Write(&raw); err != nil {
		panic(err) // memory takes all
	}
	return raw.Bytes()
}

// Line is a connection, with one request at a time. It connects when it must.
type Line struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

// NewLine is a line to a server.
func NewLine(address string) *Line { return &Line{address: address} }

// Close closes the connection.
func (l *Line) Close() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// answerTime is how long an answer may take.
const answerTime = time.Minute

// Send writes a request, or a part of one.
func (l *Line) Send(raw []byte) error {
	if l.conn == nil {
		conn, err := net.Dial("tcp", l.address)
		if err != nil {
			return err
		}
		l.conn, l.in = conn, bufio.NewReaderSize(conn, 8<<10)
	}
	if err := l.conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	_, err := l.conn.Write(raw)
	return err
}

// Do sends a request and gives the answer whole.
func (l *Line) Do(raw []byte) (status int, body []byte, err error) {
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	if err := l.Send(raw); err != nil {
		return 0, nil, err
	}
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil, err
	}
	if resp.Close {
		l.Close()
	}
	return resp.StatusCode, body, nil
}

var (
	contentLength = []byte("Content-Length: ")
	closing       = []byte("Connection: close")
)

// Ask sends a request and reads its answer, which must be 200 and say how long it is.
func (l *Line) Ask(raw []byte) error {
	err := l.ask(raw)
	if err != nil {
		l.Close()
	}
	return err
}

func (l *Line) ask(raw []byte) error {
	if err := l.Send(raw); err != nil {
		return err
	}
	line, err := l.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 || string(line[9:12]) != "200" {
		rest, _ := l.in.Peek(l.in.Buffered())
		return fmt.Errorf("%s%s", line, rest)
	}
	length, last := -1, false
	for {
		if line, err = l.in.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if bytes.HasPrefix(line, contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return err
			}
		}
		last = last || bytes.HasPrefix(line, closing)
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	if _, err := l.in.Discard(length); err != nil {
		return err
	}
	if last {
		l.Close()
	}
	return nil
}

// Between is what stands after a tag of an answer.
func Between(text []byte, tag string) string {
	_, rest, _ := strings.Cut(string(text), "<"+tag+">")
	value, _, _ := strings.Cut(rest, "<")
	return value
}
