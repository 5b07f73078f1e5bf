package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// A closable is a body of n bytes that cannot be read when it is closed.
type closable struct {
	n      int
	closed atomic.Bool
}

func (c *closable) Read(p []byte) (int, error) {
	switch {
	case c.closed.Load():
		return 0, errors.New("read after close")
	case c.n == 0:
		return 0, io.EOF
	}
	n := min(len(p), c.n)
	c.n -= n
	return n, nil
}

func (c *closable) Close() error {
	c.closed.Store(true)
	return nil
}

// The SDK closes the body of a request when the answer begins; the answer has to go on.
func TestAnAnswerOutlivesTheBodyOfItsRequest(t *testing.T) {
	const size = 16 << 20 // more than fits on the way
	closed := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if err := errors.Join(c.EnableFullDuplex(), c.Flush()); err != nil {
			t.Error(err)
		}
		<-closed
		if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
			t.Errorf("%d bytes came: %v", n, err)
		}
		io.WriteString(w, "done")
	}))
	defer server.Close()
	body := &closable{n: size}
	req, err := http.NewRequest("POST", server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	res, err := (&http.Client{Transport: ownBodies{http.DefaultTransport}}).Do(req)
	body.Close()
	close(closed)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); string(answer) != "done" || err != nil {
		t.Errorf("%q: %v", answer, err)
	}
}
