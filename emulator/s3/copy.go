package s3

import (
	"encoding/xml"
	"io"
	"net/url"
	"strings"

	"postern/emulator/store"
)

// A source is what a copy is made of.
type source struct{ bucket, key, version string }

// readSource reads x-amz-copy-source: [/]{bucket}/{key}[?versionId={version}], encoded as a path is.
func (c *call) readSource() (s source, err error) {
	raw := c.header("x-amz-copy-source")
	path, query, _ := strings.Cut(raw, "?versionId=")
	if path, err = url.PathUnescape(path); err != nil {
		return s, invalidCopySource()
	}
	if s.version, err = url.QueryUnescape(query); err != nil {
		return s, invalidCopySource()
	}
	s.bucket, s.key, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if strings.HasPrefix(s.bucket, "arn:") {
		return s, notImplemented("access points")
	}
	if s.bucket == "" || s.key == "" {
		return s, invalidCopySource()
	}
	return s, nil
}

func invalidCopySource() *Error {
	return invalidArgument("Invalid copy source object key", text("ArgumentName", "x-amz-copy-source"))
}

// directive reads x-amz-metadata-directive or x-amz-tagging-directive: whether to replace.
func (c *call) directive(name string) (replace bool, err error) {
	switch v := c.header(name); v {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, invalidArgument("Unknown metadata directive.", text("ArgumentName", name), text("ArgumentValue", v))
	}
}

func (c *call) copyObject() error {
	from, err := c.readSource()
	if err != nil {
		return err
	}
	made, err := c.readObject()
	if err != nil {
		return err
	}
	meta, err := c.directive("x-amz-metadata-directive")
	if err != nil {
		return err
	}
	tags, err := c.directive("x-amz-tagging-directive")
	if err != nil {
		return err
	}
	itself := from.bucket == c.bucket && from.key == c.key && from.version == ""
	if itself && !meta && made.Class == "" && c.header("x-amz-server-side-encryption") == "" {
		return invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	o, b, f, err := c.openObject(from.bucket, from.key, from.version, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.checkConditions(o, "x-amz-copy-source-"); err != nil {
		return err
	}
	if o.Value.Size > maxObject {
		return invalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	if !meta {
		made.Header, made.Meta = o.Value.Header, o.Value.Meta
	}
	if !tags {
		made.Tags = o.Value.Tags
	}
	content, err := c.duplicate(o, f, &made)
	if err != nil {
		return err
	}
	if _, _, err := c.keep(&made, content); err != nil {
		return err
	}
	if b.Versioning != "" {
		c.w.Header().Set("x-amz-copy-source-version-id", o.Version)
	}
	c.setEncryption(made.Encryption)
	return c.answer(struct {
		XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CopyObjectResult"`
		LastModified string
		ETag         string
		Sum          []element `xml:",any"`
		ChecksumType string    `xml:",omitempty"`
	}{LastModified: stamp(c.o.Now()), ETag: quote(made.ETag), Sum: made.Sum.elements(), ChecksumType: made.Sum.Type})
}

// duplicate makes a file of what is in o, and says of it what is in the bytes: a copy is one object, in
// however many parts its source was uploaded.
func (c *call) duplicate(o store.Object[object], f io.Reader, made *object) (content string, err error) {
	want, _, err := asked(c.r.Header)
	if err != nil {
		return "", err
	}
	made.Size, made.ETag, made.Sum = o.Value.Size, o.Value.ETag, o.Value.Sum
	if want.Algorithm == "" {
		want.Algorithm = made.Sum.Algorithm
	}
	if strings.Contains(made.ETag, "-") || made.Sum.Type != fullObject || made.Sum.Algorithm != want.Algorithm {
		b, err := newBody(f, want.Algorithm)
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(io.Discard, b); err != nil {
			return "", err
		}
		made.ETag, made.Sum = b.etag(), checksum{b.want.Algorithm, encodeSum(b.sum), fullObject}
	}
	if o.Content == "" {
		return "", nil
	}
	return c.contents.link(o.Content)
}
