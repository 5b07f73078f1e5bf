package s3

import (
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/aws/smithy-go"

	"postern/emulator/store"
)

// An Error is one of S3's ("Error responses", Amazon S3 API Reference).
type Error struct {
	Status  int
	Code    string
	Message string
	Extra   []element // further members
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrorCode, ErrorMessage and ErrorFault make it a smithy.APIError, for others of Postern that read objects.
func (e *Error) ErrorCode() string    { return e.Code }
func (e *Error) ErrorMessage() string { return e.Message }
func (e *Error) ErrorFault() smithy.ErrorFault {
	if e.Status >= 500 {
		return smithy.FaultServer
	}
	return smithy.FaultClient
}

// An element is one with text.
type element struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

func text(name, value string) element { return element{xml.Name{Local: name}, value} }

func noSuchBucket(name string) *Error {
	return &Error{404, "NoSuchBucket", "The specified bucket does not exist", []element{text("BucketName", name)}}
}

func noSuchKey(key string) *Error {
	return &Error{404, "NoSuchKey", "The specified key does not exist.", []element{text("Key", key)}}
}

func noSuchVersion(key, version string) *Error {
	return &Error{404, "NoSuchVersion", "The specified version does not exist.", []element{text("Key", key), text("VersionId", version)}}
}

func invalidArgument(message string, extra ...element) *Error {
	return &Error{400, "InvalidArgument", message, extra}
}

func invalidRequest(message string) *Error { return &Error{400, "InvalidRequest", message, nil} }

func malformedXML() *Error {
	return &Error{400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", nil}
}

func denied(message string) *Error { return &Error{403, "AccessDenied", message, nil} }

func methodNotAllowed(method, kind string) *Error {
	return &Error{405, "MethodNotAllowed", "The specified method is not allowed against this resource.",
		[]element{text("Method", method), text("ResourceType", kind)}}
}

// notImplemented names what Postern does not have.
func notImplemented(what string) *Error {
	return &Error{501, "NotImplemented", "Postern does not emulate " + what + " of S3", nil}
}

func preconditionFailed(condition string) *Error {
	return &Error{412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", []element{text("Condition", condition)}}
}

// found turns the store's answer that something is not there into e.
func found(err error, e *Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return e
	}
	return err
}

func (c *call) writeError(e *Error) {
	h := c.w.Header()
	for _, name := range []string{"Content-Length", "ETag", "Last-Modified", "Content-Encoding", "Content-Range"} {
		h.Del(name)
	}
	if e.Status == http.StatusNotModified {
		c.w.WriteHeader(e.Status)
		return
	}
	if c.r.Method == http.MethodHead {
		h.Set("Content-Type", "application/xml")
		c.w.WriteHeader(e.Status)
		return
	}
	// What is left of a body that was refused is not read: the connection ends with the answer.
	if c.r.ContentLength > 1<<20 || c.r.ContentLength < 0 {
		h.Set("Connection", "close")
	}
	type document struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Extra     []element `xml:",any"`
		Resource  string
		RequestID string `xml:"RequestId"`
		HostID    string `xml:"HostId"`
	}
	c.write(e.Status, document{Code: e.Code, Message: e.Message, Extra: e.Extra, Resource: c.r.URL.Path, RequestID: c.id, HostID: h.Get("x-amz-id-2")})
}
