package s3

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
	"strings"
)

// maxObject is the limit of a single upload, and of a part ("Amazon S3 multipart upload limits").
const maxObject = 5 << 30

// A body is what a request uploads, decoded and counted while it is read. Nothing of it may be kept before
// check has said that it is what it should be.
type body struct {
	from   io.Reader
	chunks *chunkedReader // nil where the body is plain
	length int64          // -1: not told
	read   int64

	md5, sha256, sum hash.Hash // sha256 nil where it is not signed
	wantMD5          string
	wantSHA256       string
	want             checksum
	trails           bool
	unlimited        bool // of parts that are here already
}

// openBody says how the body of a request is read, and what it must be.
func (c *call) openBody() (_ *body, err error) {
	b := &body{from: c.r.Body, length: c.r.ContentLength, md5: md5.New()}
	if b.want, b.trails, err = asked(c.r.Header); err != nil {
		return nil, err
	}
	if b.want.Algorithm == "" {
		b.want.Algorithm = defaultAlgorithm
	}
	if b.sum, err = newHash(b.want.Algorithm); err != nil {
		return nil, err
	}
	b.want.Type = fullObject
	if b.wantMD5 = c.header("Content-MD5"); b.wantMD5 != "" {
		if sum, err := base64.StdEncoding.DecodeString(b.wantMD5); err != nil || len(sum) != md5.Size {
			return nil, &Error{Status: 400, Code: "InvalidDigest", Message: "The Content-MD5 you specified was invalid."}
		}
	}
	if err := c.frame(b); err != nil {
		return nil, err
	}
	if b.length > maxObject {
		return nil, tooLarge()
	}
	return b, nil
}

// newBody reads bytes that are here already.
func newBody(from io.Reader, algorithm string) (b *body, err error) {
	b = &body{from: from, length: -1, md5: md5.New(), want: checksum{Algorithm: algorithm, Type: fullObject}}
	if algorithm == "" {
		b.want.Algorithm = defaultAlgorithm
	}
	b.sum, err = newHash(b.want.Algorithm)
	return b, err
}

// frame reads what x-amz-content-sha256 says of the body.
func (c *call) frame(b *body) error {
	hash := c.header("X-Amz-Content-Sha256")
	switch {
	case strings.HasPrefix(hash, "STREAMING-"):
		n, err := strconv.ParseInt(c.header("X-Amz-Decoded-Content-Length"), 10, 64)
		if err != nil || n < 0 {
			return &Error{Status: 411, Code: "MissingContentLength", Message: "You must provide the Content-Length HTTP header."}
		}
		b.chunks = newChunkedReader(c.r.Body, strings.HasPrefix(hash, "STREAMING-AWS4-HMAC-SHA256"), c.chunks)
		b.from, b.length = b.chunks, n
	case hash == "" || hash == unsignedPayload:
	case len(hash) == 2*sha256.Size:
		b.wantSHA256, b.sha256 = hash, sha256.New()
	default:
		return invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			text("ArgumentName", "x-amz-content-sha256"), text("ArgumentValue", hash))
	}
	return nil
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	b.md5.Write(p[:n])
	b.sum.Write(p[:n])
	if b.sha256 != nil {
		b.sha256.Write(p[:n])
	}
	if b.read > maxObject && !b.unlimited {
		return n, tooLarge()
	}
	if err == io.ErrUnexpectedEOF {
		err = incomplete()
	}
	return n, err
}

// check compares what was read, all of it, with what the request says of it.
func (b *body) check() error {
	if b.length >= 0 && b.read != b.length {
		return incomplete()
	}
	if b.wantMD5 != "" && encodeSum(b.md5) != b.wantMD5 {
		return &Error{Status: 400, Code: "BadDigest", Message: "The Content-MD5 you specified did not match what we received."}
	}
	if b.sha256 != nil && !strings.EqualFold(hex.EncodeToString(b.sha256.Sum(nil)), b.wantSHA256) {
		return &Error{Status: 400, Code: "XAmzContentSHA256Mismatch", Message: "The provided 'x-amz-content-sha256' header does not match what was computed."}
	}
	if b.trails {
		if b.chunks == nil {
			return invalidRequest("The x-amz-trailer header needs a body in aws-chunked encoding")
		}
		b.want.Value = b.chunks.trailer.Get(checksumHeader(b.want.Algorithm))
		if b.want.Value == "" {
			return &Error{Status: 400, Code: "MalformedTrailerError", Message: "The request contained trailing data that was not well-formed or did not conform to our published schema."}
		}
	}
	got := encodeSum(b.sum)
	if b.want.Value != "" && b.want.Value != got {
		return badDigest(b.want.Algorithm)
	}
	b.want.Value = got
	return nil
}

func (b *body) etag() string { return hex.EncodeToString(b.md5.Sum(nil)) }

func tooLarge() *Error {
	return &Error{Status: 400, Code: "EntityTooLarge", Message: "Your proposed upload exceeds the maximum allowed size",
		Extra: []element{text("MaxSizeAllowed", strconv.FormatInt(maxObject, 10))}}
}
