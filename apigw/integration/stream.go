package integration

import (
	"io"
	"time"
)

// Limits on how long a stream may be silent (REST API guide, "Stream the integration
// response", considerations).
const (
	IdleRegional = 5 * time.Minute // also private
	IdleEdge     = 30 * time.Second
)

// A stream is a backend's answer that comes in pieces. It is given up when nothing came for
// a while.
type stream struct {
	body   io.ReadCloser
	idle   time.Duration
	timer  *time.Timer
	cancel func() // ends what makes the stream, so that reading fails
}

func newStream(body io.ReadCloser, idle time.Duration, cancel func()) *stream {
	if idle <= 0 {
		idle = IdleRegional
	}
	return &stream{body, idle, time.AfterFunc(idle, cancel), cancel}
}

// Read counts the time that the backend takes, not that of the client.
func (s *stream) Read(b []byte) (int, error) {
	s.timer.Reset(s.idle)
	defer s.timer.Stop()
	return s.body.Read(b)
}

func (s *stream) Close() error {
	s.timer.Stop()
	s.cancel()
	return s.body.Close()
}
