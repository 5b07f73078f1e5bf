package integration

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

// What is taken for an answer has headers that can be passed on, and net/http reads the
// same status and body in it.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 404\r\nTransfer-Encoding: chunked\r\nX:\t y \r\n\r\n2;x\r\nok\r\n0\r\nT: x\r\n\r\n",
		"HTTP/1.0 500 Oh\n\nto the end", "HTTP/1.1 304 x\r\nContent-Length: 7\r\nContent-Length: 7\r\nConnection: close\r\n\r\n", "\r\n\r\nHTTP/1.1 200\r\n\r\n",
		"HTTP/1.1 200\r\nX: a\rb\r\n\r\n", "HTTP/1.0 700\nTrAnsfer-EnCoding:Chunked\n\n00\r\n000\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		c := &connection{r: bufio.NewReader(bytes.NewReader(said))}
		var in apigw.EndpointResponse
		if _, err := c.read(&outgoing{verb: "GET"}, &in); err != nil {
			return
		}
		for _, h := range in.Header {
			if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
				t.Errorf("header %q", h)
			}
		}
		said = bytes.TrimLeft(said, "\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(said)), nil)
		if err != nil || resp.StatusCode < 200 {
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err == nil && (resp.StatusCode != in.Status || !bytes.Equal(body, in.Body)) {
			t.Errorf("got %d %q, want %d %q", in.Status, in.Body, resp.StatusCode, body)
		}
	})
}
