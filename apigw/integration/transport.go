package integration

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"postern/apigw"
)

// maxBody is API Gateway's limit for payloads in both directions.
const maxBody = 10 << 20

// NewTransport returns a transport for all HTTP integrations of a process. It keeps
// connections for the next call, follows no redirect and leaves the encoding of bodies alone.
func NewTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		DisableCompression:    true,
		MaxIdleConns:          4096,
		MaxIdleConnsPerHost:   512,
		IdleConnTimeout:       60 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

func setBody(req *http.Request, body []byte) {
	if len(body) == 0 {
		req.Body = http.NoBody
		return
	}
	req.ContentLength = int64(len(body))
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
}

// readBody reads an answer to its end and closes it.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	length := resp.ContentLength
	if length > maxBody {
		return nil, apigw.Misconfigured("Integration response of reported length %d is larger than allowed maximum of %d bytes.", length, maxBody)
	}
	if length > 0 && resp.Request.Method != http.MethodHead {
		body := make([]byte, length)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(body) > maxBody {
		return nil, apigw.Misconfigured("Integration response is larger than allowed maximum of %d bytes.", maxBody)
	}
	return body, nil
}
