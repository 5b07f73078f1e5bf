package s3

import (
	"bufio"
	"crypto/sha256"
	"hash"
	"io"
	"net/textproto"
	"strconv"
	"strings"

	"postern/emulator/wire/sigv4"
)

// A chunkedReader takes the framing off a body in aws-chunked encoding, and reads the headers that trail
// it ("Signature calculations for the Authorization header", Amazon S3 API Reference: "Transferring payload
// in multiple chunks", "with trailing headers").
type chunkedReader struct {
	r       *bufio.Reader
	left    int64         // of the chunk
	signed  bool          // each chunk has a signature
	verify  *sigv4.Chunks // nil: signatures are not looked at
	hash    hash.Hash     // of the chunk, where there is verify
	pending string        // signature of the chunk
	begun   bool
	done    bool

	trailer textproto.MIMEHeader // after the end
}

// maxLine bounds the head of a chunk and a trailing header.
const maxLine = 4 << 10

func newChunkedReader(r io.Reader, signed bool, verify *sigv4.Chunks) *chunkedReader {
	c := &chunkedReader{r: bufio.NewReaderSize(r, 32<<10), signed: signed, trailer: textproto.MIMEHeader{}}
	if signed && verify != nil {
		c.verify, c.hash = verify, sha256.New()
	}
	return c
}

func (c *chunkedReader) Read(p []byte) (int, error) {
	for c.left == 0 {
		if c.done {
			return 0, io.EOF
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if c.hash != nil {
		c.hash.Write(p[:n])
	}
	if err == io.EOF {
		err = incomplete()
	}
	return n, err
}

// next ends a chunk and reads the head of the one after it.
func (c *chunkedReader) next() error {
	if c.begun {
		if err := c.end(); err != nil {
			return err
		}
	}
	c.begun = true
	line, err := c.line()
	if err != nil {
		return err
	}
	size, extension, _ := strings.Cut(line, ";")
	c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || c.left < 0 {
		return invalidChunk()
	}
	c.pending = strings.TrimPrefix(extension, "chunk-signature=")
	if c.signed && c.pending == "" {
		return invalidChunk()
	}
	if c.left > 0 {
		return nil
	}
	c.done = true
	if err := c.check(); err != nil {
		return err
	}
	return c.readTrailer()
}

// end reads the line break after a chunk's bytes.
func (c *chunkedReader) end() error {
	line, err := c.line()
	if err == nil && line != "" {
		err = invalidChunk()
	}
	if err != nil {
		return err
	}
	return c.check()
}

func (c *chunkedReader) check() error {
	if c.verify == nil {
		return nil
	}
	defer c.hash.Reset()
	if !c.verify.Next(c.pending, [32]byte(c.hash.Sum(nil))) {
		return signatureDiffers()
	}
	return nil
}

// readTrailer reads headers up to an empty line, or the end.
func (c *chunkedReader) readTrailer() error {
	signed, signature := "", ""
	for {
		line, err := c.line()
		if err != nil && !(line == "" && len(c.trailer) == 0) {
			return err
		}
		if line == "" {
			break
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return &Error{Status: 400, Code: "MalformedTrailerError", Message: "The request contained trailing data that was not well-formed or did not conform to our published schema."}
		}
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "x-amz-trailer-signature") {
			signature = value
			continue
		}
		signed += strings.ToLower(name) + ":" + value + "\n"
		c.trailer.Set(name, value)
	}
	if c.verify != nil && signed != "" && !c.verify.Trailer(signature, signed) {
		return signatureDiffers()
	}
	return nil
}

func (c *chunkedReader) line() (string, error) {
	var b strings.Builder
	for {
		part, err := c.r.ReadSlice('\n')
		b.Write(part)
		if b.Len() > maxLine {
			return "", invalidChunk()
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF {
			return b.String(), incomplete()
		}
		return strings.TrimRight(b.String(), "\r\n"), err
	}
}

func incomplete() *Error {
	return &Error{Status: 400, Code: "IncompleteBody", Message: "You did not provide the number of bytes specified by the Content-Length HTTP header"}
}

func invalidChunk() *Error {
	return &Error{Status: 400, Code: "InvalidChunkSizeError", Message: "The chunked encoding of the body is not as AWS has it"}
}
