package s3

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"postern/emulator/store"
)

func (c *call) getObject() error  { return c.serveObject(true) }
func (c *call) headObject() error { return c.serveObject(false) }

// serveObject answers with an object, all of it or a range.
func (c *call) serveObject(withBody bool) error {
	o, b, f, err := c.openObject(c.bucket, c.key, c.get("versionId"), withBody)
	if err != nil {
		return err
	}
	defer f.Close()
	c.setVersion(b, o.Version)
	if err := c.checkConditions(o, ""); err != nil {
		c.w.Header().Set("ETag", quote(o.Value.ETag))
		return err
	}
	c.setObject(o)
	first, length, status, err := c.rangeOf(o.Value)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	if status == http.StatusPartialContent {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, first+length-1, o.Value.Size))
	} else if strings.EqualFold(c.header("x-amz-checksum-mode"), "ENABLED") {
		c.setChecksum(o.Value.Sum)
	}
	c.w.WriteHeader(status)
	if !withBody || length == 0 {
		return nil
	}
	if first > 0 {
		if _, err := f.Seek(first, io.SeekStart); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if n, _ := io.Copy(c.w, io.LimitReader(f, length)); n != length {
		panic(http.ErrAbortHandler) // the client left, or the disk fails: the answer must not look whole
	}
	return nil
}

// A file is the content of an object.
type file interface {
	io.ReadSeekCloser
}

// An emptyFile is that of an object which has none.
type emptyFile struct{ *strings.Reader }

func (emptyFile) Close() error { return nil }

// openObject reads a version and opens what is in it. An object that is replaced in between is read again.
func (c *call) openObject(in, key, version string, withBody bool) (o store.Object[object], b bucket, f file, err error) {
	for range 3 {
		err = c.o.Store.View(c.r.Context(), store.Scope{}, func(tx *store.Tx) (err error) {
			if tx, b, err = findBucket(tx, in); err != nil {
				return err
			}
			o, err = c.versionOf(tx, b, in, key, version)
			return err
		})
		if err != nil {
			return o, b, nil, err
		}
		if o.Content == "" || !withBody {
			return o, b, emptyFile{strings.NewReader("")}, nil
		}
		var opened *os.File
		if opened, err = c.contents.open(o.Content); !errors.Is(err, fs.ErrNotExist) {
			return o, b, opened, err
		}
	}
	return o, b, nil, fmt.Errorf("content of %s/%s: %w", in, key, err)
}

// checkConditions looks at If-Match and so on, or at those of a copy's source, which have a prefix.
func (c *call) checkConditions(o store.Object[object], prefix string) error {
	etag, modified := o.Value.ETag, o.Modified.Truncate(time.Second)
	match, none := c.header(prefix+"If-Match"), c.header(prefix+"If-None-Match")
	since, sinceOK := c.time(prefix + "If-Modified-Since")
	before, beforeOK := c.time(prefix + "If-Unmodified-Since")
	unchanged := func(condition string) error {
		if prefix != "" {
			return preconditionFailed(prefix + condition)
		}
		return &Error{Status: http.StatusNotModified, Code: "NotModified"}
	}
	switch {
	case match != "" && !matchesETag(match, etag):
		return preconditionFailed(prefix + "If-Match")
	case match == "" && beforeOK && modified.After(before):
		return preconditionFailed(prefix + "If-Unmodified-Since")
	case none != "" && matchesETag(none, etag):
		return unchanged("If-None-Match")
	case none == "" && sinceOK && !modified.After(since):
		return unchanged("If-Modified-Since")
	}
	return nil
}

func (c *call) time(header string) (time.Time, bool) {
	t, err := http.ParseTime(c.header(header))
	return t, err == nil
}

func matchesETag(list, etag string) bool {
	for e := range strings.SplitSeq(list, ",") {
		if e = strings.TrimSpace(e); e == "*" || unquote(strings.TrimPrefix(e, "W/")) == etag {
			return true
		}
	}
	return false
}

// rangeOf is the part of an object that a request is for. S3 has one range at most; what is none is
// answered with all.
func (c *call) rangeOf(o object) (first, length int64, status int, err error) {
	if c.has("partNumber") {
		return c.rangeOfPart(o)
	}
	spec, ok := strings.CutPrefix(c.header("Range"), "bytes=")
	from, to, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return 0, o.Size, http.StatusOK, nil
	}
	first, ferr := strconv.ParseInt(from, 10, 64)
	last, lerr := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && lerr == nil: // the last so many
		first, last = max(0, o.Size-last), o.Size-1
		if to == "0" || o.Size == 0 {
			return 0, 0, 0, c.unsatisfiable(o.Size)
		}
	case ferr != nil || to != "" && (lerr != nil || last < first):
		return 0, o.Size, http.StatusOK, nil
	case first >= o.Size:
		return 0, 0, 0, c.unsatisfiable(o.Size)
	case to == "" || last >= o.Size:
		last = o.Size - 1
	}
	return first, last - first + 1, http.StatusPartialContent, nil
}

func (c *call) unsatisfiable(size int64) *Error {
	return &Error{Status: 416, Code: "InvalidRange", Message: "The requested range is not satisfiable",
		Extra: []element{text("RangeRequested", c.header("Range")), text("ActualObjectSize", strconv.FormatInt(size, 10))}}
}

// rangeOfPart is a part as it was uploaded. What was uploaded at once is one part.
func (c *call) rangeOfPart(o object) (first, length int64, status int, err error) {
	n, err := strconv.Atoi(c.get("partNumber"))
	if err != nil || n < 1 || n > maxParts {
		return 0, 0, 0, invalidPartNumber(c.get("partNumber"))
	}
	if len(o.Parts) == 0 && n == 1 {
		return 0, o.Size, http.StatusPartialContent, nil
	}
	if n > len(o.Parts) {
		return 0, 0, 0, &Error{Status: 416, Code: "InvalidPartNumber", Message: "The requested partnumber is not satisfiable"}
	}
	for _, p := range o.Parts[:n-1] {
		first += p.Size
	}
	c.w.Header().Set("x-amz-mp-parts-count", strconv.Itoa(len(o.Parts)))
	return first, o.Parts[n-1].Size, http.StatusPartialContent, nil
}
