package wire

import (
	"fmt"
	"io"
	"net/http"
)

// Limits on what a management request may carry. Lambda's uploads are base64 in JSON.
const (
	maxBody   = 10 << 20
	maxUpload = 70167211
	// maxDrain is how much of a refused body is still read: clients such as boto3
	// look at the answer only after they sent everything.
	maxDrain = 128 << 20
)

// uploads are the operations with the larger limit.
var uploads = map[string]bool{"CreateFunction": true, "UpdateFunctionCode": true, "PublishLayerVersion": true}

// readBody reads up to the operation's limit; o is nil while the operation is unknown.
func readBody(r *http.Request, o *route) ([]byte, error) {
	limit := int64(maxBody)
	if o != nil && o.codec.service == "lambda" && uploads[o.spec.name] {
		limit = maxUpload
	}
	if r.ContentLength > limit {
		return nil, tooLarge(r, o, limit)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, &Error{Status: 400, Code: "SerializationException", Message: "the body was cut off"}
	}
	if int64(len(body)) > limit {
		return nil, tooLarge(r, o, limit)
	}
	return body, nil
}

func tooLarge(r *http.Request, o *route, limit int64) error {
	io.CopyN(io.Discard, r.Body, maxDrain) // an error means that the client has gone
	text := fmt.Sprintf("Request size exceeded %d bytes", limit)
	if limit == maxUpload {
		text = fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", limit, o.spec.name)
	}
	return &Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException", Message: text}
}
