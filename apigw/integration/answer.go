package integration

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

// maxHead is how much a backend may say before its body begins.
const maxHead = 256 << 10

// An answer is the head of an HTTP/1 response.
type answer struct {
	status  int
	header  apigw.Header
	length  int64 // of Content-Length; -1 for none
	chunked bool
	old     bool // HTTP/1.0
	last    bool // the connection ends with it
}

// readHead reads a status line and the header that follows.
func (c *connection) readHead() (answer, error) {
	head, err := c.readLines()
	if err != nil {
		return answer{}, err
	}
	line, rest, _ := strings.Cut(head, "\n")
	a := answer{length: -1}
	if err := a.statusLine(strings.TrimSuffix(line, "\r")); err != nil {
		return a, err
	}
	a.header = make(apigw.Header, 0, strings.Count(rest, "\n")+2)
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\n")
		if err := a.field(strings.TrimSuffix(line, "\r")); err != nil {
			return a, err
		}
	}
	return a, nil
}

// readLines reads up to the empty line, which it leaves out. All names and values are
// parts of the one string.
func (c *connection) readLines() (string, error) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	*b = (*b)[:0]
	start := 0 // of the line that is being read
	for {
		part, err := c.r.ReadSlice('\n')
		if len(part) > 0 {
			c.silent = false
		}
		*b = append(*b, part...)
		switch {
		case len(*b) > maxHead:
			return "", fmt.Errorf("header of the answer is longer than %d bytes", maxHead)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(*b) > 0:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		}
		if line := (*b)[start:]; len(line) == 1 || len(line) == 2 && line[0] == '\r' {
			if start > 0 {
				return string((*b)[:start]), nil
			}
			*b = (*b)[:0] // an empty line before the status
			continue
		}
		start = len(*b)
	}
}

// statusLine reads "HTTP/1.1 200 OK".
func (a *answer) statusLine(line string) error {
	version, rest, _ := strings.Cut(line, " ")
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return fmt.Errorf("answer is not HTTP/1.1: %.40q", line)
	}
	code, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	if err != nil || n < 100 || n > 999 {
		return fmt.Errorf("answer has no status: %.40q", line)
	}
	a.status, a.old = n, version == "HTTP/1.0"
	a.last = a.old
	return nil
}

// field reads "Name: value" and heeds what concerns the connection.
func (a *answer) field(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
		return fmt.Errorf("header of the answer is malformed: %.40q", line)
	}
	value = strings.Trim(value, " \t")
	a.header = append(a.header, apigw.Field{Name: name, Value: value})
	switch {
	case strings.EqualFold(name, "Content-Length"):
		return a.contentLength(value)
	case strings.EqualFold(name, "Transfer-Encoding"):
		if a.chunked = strings.EqualFold(value, "chunked"); !a.chunked || a.old { // HTTP/1.0 has none
			return fmt.Errorf("transfer encoding %.40q", value)
		}
	case strings.EqualFold(name, "Connection"):
		a.last = a.last || httpguts.HeaderValuesContainsToken([]string{value}, "close")
	}
	return nil
}

// contentLength takes a length; a second one that differs would leave open where the answer ends.
func (a *answer) contentLength(value string) error {
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return fmt.Errorf("content length %.40q", value)
	}
	if a.length >= 0 && a.length != int64(n) {
		return errors.New("two content lengths")
	}
	a.length = int64(n)
	return nil
}
