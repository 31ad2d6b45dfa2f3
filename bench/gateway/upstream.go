package main

import (
	"bufio"
	"bytes"
	"net"
	"strconv"
)

// answer is what the upstream says to everything.
const answer = `{"payload":{"Orders":[{"AmazonOrderId":"902-3159896-1390916","OrderStatus":"Unshipped","PurchaseDate":"2026-01-01T00:00:00Z"}]}}`

// upstream answers every request alike, at as little cost as Go allows: what it takes is missing to the proxies.
func upstream(l net.Listener) error {
	text := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: " + strconv.Itoa(len(answer)) + "\r\n\r\n" + answer)
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 8<<10)
			for {
				if err := take(in); err != nil {
					return
				}
				if _, err := conn.Write(text); err != nil {
					return
				}
			}
		}()
	}
}

// take reads one request.
func take(in *bufio.Reader) error {
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
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
	}
	_, err := in.Discard(length)
	return err
}
