package gateway

import (
	"io"
	"net/http"
	"sync"
)

var streamBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// stream sends a body piece by piece, each as soon as it is there. It returns why the body ended
// before its end.
func stream(w http.ResponseWriter, r *http.Request, from io.Reader) error {
	control := http.NewResponseController(w)
	control.Flush() // the head, before the first piece
	if r.Method == http.MethodHead {
		return nil
	}
	b := streamBuffers.Get().(*[32 << 10]byte)
	defer streamBuffers.Put(b)
	for {
		n, err := from.Read(b[:])
		if n > 0 {
			if _, failed := w.Write(b[:n]); failed != nil {
				return nil // the client has gone
			}
			control.Flush()
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
