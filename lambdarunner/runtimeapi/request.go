package runtimeapi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// readRequest reads one request with its body. A request that is no HTTP is an error.
func readRequest(r *bufio.Reader, c net.Conn) (*request, error) {
	line, err := readLine(r)
	if err != nil {
		return nil, err
	}
	method, rest, ok := strings.Cut(line, " ")
	path, proto, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || !strings.HasPrefix(proto, "HTTP/1.") || !strings.HasPrefix(path, "/") {
		return nil, errors.New("not a request")
	}
	req := &request{method: method, header: make(map[string]string, 8)}
	req.path, _, _ = strings.Cut(path, "?")
	for range maxHeaders {
		line, err := readLine(r)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return req, req.readBody(r, c)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errors.New("not a header")
		}
		req.header[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	return nil, errors.New("too many headers")
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return readLongLine(r, line)
	}
	if err != nil {
		return "", err
	}
	return string(bytes.TrimRight(line, "\r\n")), nil
}

func readLongLine(r *bufio.Reader, start []byte) (string, error) {
	all := bytes.Clone(start)
	for len(all) < maxLine {
		line, err := r.ReadSlice('\n')
		all = append(all, line...)
		if err == nil {
			return string(bytes.TrimRight(all, "\r\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
	return "", errors.New("a line is too long")
}

// readBody reads the body; what is wrong with it is req.err, since the call is
// answered all the same.
func (req *request) readBody(r *bufio.Reader, c net.Conn) error {
	chunked := strings.EqualFold(req.header["transfer-encoding"], "chunked")
	length := 0
	if text, ok := req.header["content-length"]; ok && !chunked {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return errors.New("not a length")
		}
		length = n
	}
	if !chunked && length == 0 {
		return nil
	}
	if strings.EqualFold(req.header["expect"], "100-continue") {
		if _, err := io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return err
		}
	}
	if r.Buffered() < length || chunked {
		c.SetReadDeadline(time.Now().Add(bodyLimit))
		defer c.SetReadDeadline(time.Time{})
	}
	if chunked && strings.HasSuffix(req.path, "/response") {
		req.unread, req.conn = r, c
		return nil
	}
	if chunked {
		req.body, req.trailer, req.err = readChunks(r)
		return nil
	}
	if length > maxPayload {
		io.CopyN(io.Discard, r, int64(min(length, maxDrain)))
		req.err = errTooLarge
		return nil
	}
	req.body = make([]byte, length)
	if _, err := io.ReadFull(r, req.body); err != nil {
		req.body, req.err = nil, errTruncated
	}
	return nil
}

// readChunks reads a chunked body and its trailers.
func readChunks(r *bufio.Reader) (body []byte, trailer map[string]string, err error) {
	chunks := httputil.NewChunkedReader(r)
	body, err = io.ReadAll(io.LimitReader(chunks, maxPayload+1))
	if err != nil {
		return nil, nil, errTruncated
	}
	if len(body) > maxPayload {
		io.CopyN(io.Discard, chunks, maxDrain)
		return nil, nil, errTooLarge
	}
	trailer, err = readTrailer(r)
	if err != nil {
		return nil, nil, err
	}
	return body, trailer, nil
}

// readTrailer reads what follows the last chunk, nil if it is empty.
func readTrailer(r *bufio.Reader) (trailer map[string]string, err error) {
	for range maxHeaders {
		line, err := readLine(r)
		if err != nil {
			return nil, errTruncated
		}
		if line == "" {
			return trailer, nil
		}
		if trailer == nil {
			trailer = map[string]string{}
		}
		name, value, _ := strings.Cut(line, ":")
		trailer[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	return nil, errTruncated
}
