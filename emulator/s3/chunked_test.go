package s3

import (
	"io"
	"strings"
	"testing"
)

// Sources: "Transferring payload in multiple chunks" and "Including trailing headers in chunked uploads", Amazon S3 API Reference.
func TestFramesOfChunkedBodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body    string
		signed  bool
		want    string // text, or the code of the error
		trailer string
	}{
		"two chunks":                  {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", false, "hello world", ""},
		"a trailer":                   {"2\r\nhi\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n", false, "hi", "AAAA"},
		"a trailer without a blank":   {"2\r\nhi\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n", false, "IncompleteBody", ""},
		"nothing":                     {"0\r\n\r\n", false, "", ""},
		"line breaks in the bytes":    {"4\r\n\r\n\r\n\r\n0\r\n\r\n", false, "\r\n\r\n", ""},
		"signatures, not looked at":   {"2;chunk-signature=00\r\nhi\r\n0;chunk-signature=00\r\n\r\n", true, "hi", ""},
		"no signature":                {"2\r\nhi\r\n0\r\n\r\n", true, "InvalidChunkSizeError", ""},
		"cut off in a chunk":          {"5\r\nhel", false, "IncompleteBody", ""},
		"cut off between chunks":      {"2\r\nhi\r\n", false, "IncompleteBody", ""},
		"more than its size":          {"2\r\nhiya\r\n0\r\n\r\n", false, "InvalidChunkSizeError", ""},
		"a size that is none":         {"x\r\nhi\r\n", false, "InvalidChunkSizeError", ""},
		"a size below 0":              {"-2\r\nhi\r\n", false, "InvalidChunkSizeError", ""},
		"a size of 64 bits":           {"ffffffffffffffff\r\nhi\r\n", false, "InvalidChunkSizeError", ""},
		"a head without an end":       {strings.Repeat("0", maxLine+1), false, "InvalidChunkSizeError", ""},
		"a trailer that is no header": {"0\r\nnonsense\r\n\r\n", false, "MalformedTrailerError", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newChunkedReader(strings.NewReader(c.body), c.signed, nil)
			got, err := io.ReadAll(r)
			text := string(got)
			if e, ok := err.(*Error); ok {
				text = e.Code
			} else if err != nil {
				t.Fatal(err)
			}
			if text != c.want || r.trailer.Get("x-amz-checksum-crc32") != c.trailer && err == nil {
				t.Errorf("%q, trailer %q", text, r.trailer)
			}
		})
	}
}

// Whatever a client sends, the reader ends, with no more bytes than came.
func FuzzChunkedBody(f *testing.F) {
	for _, s := range []string{"5\r\nhello\r\n0\r\n\r\n", "2;chunk-signature=00\r\nhi\r\n0;chunk-signature=00\r\nx:y\r\n\r\n", "0\r\n", "\r\n", "7fffffffffffffff\r\nx"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, body string, signed bool) {
		n, err := io.Copy(io.Discard, newChunkedReader(strings.NewReader(body), signed, nil))
		if n > int64(len(body)) {
			t.Errorf("%d bytes of %d, %v", n, len(body), err)
		}
	})
}

// "Virtual hosting of general purpose buckets", S3 User Guide; localhost.localstack.cloud is where other emulators' tools go.
func TestHostsOfBuckets(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"s3.localhost:4566": "/", "b.s3.localhost:4566": "b/", "b.s3.eu-central-1.localhost": "b/", "a.b.s3.localhost": "a.b/",
		"s3.localhost.localstack.cloud:4566": "/", "b.s3.localhost.localstack.cloud": "b/", "b.s3.us-east-1.localhost.localstack.cloud": "b/",
		"s3.amazonaws.com": "/", "b.s3.amazonaws.com": "b/", "b.s3.eu-west-1.amazonaws.com": "b/", "b.s3-eu-west-1.amazonaws.com": "b/",
		"b.s3.dualstack.eu-west-1.amazonaws.com": "b/", "s3.s3.localhost": "s3/", "B.S3.LOCALHOST": "b/",
		"localhost:4566": "", "b.localhost:4566": "", "127.0.0.1:4566": "", "abc.execute-api.s3.localhost": "", "abc.lambda-url.us-east-1.localhost": "",
		"s3.example.com": "", "b.s3.example.com": "", "mys3.localhost": "", "s3": "", "": "",
	} {
		bucket, ok := bucketOf(host)
		if got := bucket + "/"; ok && got != want || !ok && want != "" {
			t.Errorf("%s: %q, %v, want %q", host, bucket, ok, want)
		}
	}
}
