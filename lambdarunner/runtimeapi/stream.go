package runtimeapi

import (
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"time"

	"postern/lambdarunner"
)

// responseMode is the header in which a runtime says that it streams.
const responseMode = "lambda-runtime-function-response-mode"

// maxStream is the longest response that a function may stream, in bytes (Lambda developer
// guide, "Response streaming": 200 MB).
const maxStream = 200 << 20

// load reads the whole body of a chunked response.
func (req *request) load() {
	if req.unread == nil {
		return
	}
	req.conn.SetReadDeadline(time.Now().Add(bodyLimit))
	req.body, req.trailer, req.err = readChunks(req.unread)
	req.loaded()
}

func (req *request) loaded() {
	req.conn.SetReadDeadline(time.Time{})
	req.unread = nil
}

// stream hands on a response as it comes.
func (s *Server) stream(e *event, r *request) reply {
	e.streamed.Store(true)
	e.inv.Stream.Begin(r.header["content-type"])
	r.copyTo(e.inv.Stream)
	switch {
	case errors.Is(r.err, errTooLarge):
		e.finish(failure("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxStream)))
		return refuse(413, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxStream))
	case r.err != nil:
		e.finish(failure("Runtime.TruncatedResponse", "RequestId: "+e.inv.RequestID+" Error: the runtime's response was cut off"))
		return truncated()
	case r.trailer[errorTypeTrailer] != "":
		e.finish(failedLate(r.trailer))
		return accepted
	}
	e.finish(ending{})
	return accepted
}

// copyTo reads the body, chunk by chunk, to its end or the limit.
func (req *request) copyTo(to lambdarunner.ResponseStream) {
	req.conn.SetReadDeadline(time.Now().Add(bodyLimit))
	defer req.loaded()
	chunks := httputil.NewChunkedReader(req.unread)
	n, err := io.Copy(deaf{to}, io.LimitReader(chunks, maxStream+1))
	switch {
	case err != nil:
		req.err = errTruncated
	case n > maxStream:
		io.CopyN(io.Discard, chunks, maxDrain)
		req.err = errTooLarge
	default:
		req.trailer, req.err = readTrailer(req.unread)
	}
}

// deaf writes to who may have stopped listening: the function goes on.
type deaf struct{ to io.Writer }

func (d deaf) Write(b []byte) (int, error) {
	d.to.Write(b)
	return len(b), nil
}
