package s3

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// namespace of S3's documents.
const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// maxDocument bounds documents that requests bring; the largest is that of DeleteObjects.
const maxDocument = 2 << 20

// write answers with an XML document.
func (c *call) write(status int, document any) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(document); err != nil {
		c.o.Logger.Error("S3 answer cannot be written", "request_id", c.id, "error", err)
		c.w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/xml")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	c.w.WriteHeader(status)
	c.w.Write(b.Bytes())
}

// answer is write for a document that was asked for.
func (c *call) answer(document any) error {
	c.write(http.StatusOK, document)
	return nil
}

// readAll reads a body that is a document.
func (c *call) readAll() ([]byte, error) {
	b, err := c.openBody()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(b, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = &Error{Status: 400, Code: "MaxMessageLengthExceeded", Message: "Your request was too big."}
	}
	if err != nil {
		return nil, err
	}
	return data, b.check()
}

// read decodes the XML document of a request.
func (c *call) read(v any) error {
	data, err := c.readAll()
	if err != nil {
		return err
	}
	if xml.Unmarshal(data, v) != nil {
		return malformedXML()
	}
	return nil
}

// stamp is a time as S3's documents have it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// quote is an ETag as S3 writes it.
func quote(etag string) string { return `"` + etag + `"` }

func unquote(etag string) string { return strings.Trim(etag, `"`) }

// An owner is an account by its canonical id, which here has the account's number in it.
type owner struct {
	ID          string
	DisplayName string `xml:",omitempty"`
}

func ownerOf(account string) owner { return owner{ID: strings.Repeat("0", 64-len(account)) + account} }
