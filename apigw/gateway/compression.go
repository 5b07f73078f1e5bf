package gateway

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"postern/apigw"
)

// A coding is one of the content codings that API Gateway knows (REST API guide, "Content
// encoding": gzip, deflate and identity).
type coding struct {
	name string
	pool sync.Pool // of encoder
	read func(io.Reader) (io.Reader, error)
}

type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// codings in the order in which they are chosen where a client likes them equally.
var codings = []*coding{
	{
		name: "gzip", pool: sync.Pool{New: func() any { return gzip.NewWriter(nil) }},
		read: func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	},
	{
		name: "deflate", pool: sync.Pool{New: func() any { return zlib.NewWriter(nil) }},
		read: func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
	},
}

func (c *coding) encode(body []byte) ([]byte, error) {
	var b bytes.Buffer
	e := c.pool.Get().(encoder)
	defer c.pool.Put(e)
	e.Reset(&b)
	if _, err := e.Write(body); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (c *coding) decode(body []byte) ([]byte, error) {
	r, err := c.read(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	decoded, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	if err == nil && len(decoded) > maxPayload {
		err = &http.MaxBytesError{Limit: maxPayload}
	}
	return decoded, err
}

// admits tells the steps that decide whether a request may come in. They see the payload as it
// came: a signature is of that.
func admits(step string) bool {
	switch step {
	case apigw.StepAuthorizer, apigw.StepAPIKey, apigw.StepThrottle:
		return true
	}
	return false
}

// decompress undoes the coding of a client's payload, where the API has compression on.
func decompress(x *apigw.Exchange) error {
	name, ok := x.Request.HeaderValue("Content-Encoding")
	if name = strings.ToLower(strings.TrimSpace(name)); !ok || name == "identity" || name == "" {
		return nil
	}
	for _, c := range codings {
		if c.name != name {
			continue
		}
		if len(x.Request.Body) == 0 {
			return nil
		}
		body, err := c.decode(x.Request.Body)
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return &apigw.Rejection{Type: apigw.RequestTooLarge, Err: err}
		}
		if err != nil {
			return &apigw.Rejection{Type: apigw.BadRequestBody, Message: "Bad Request", Err: fmt.Errorf("decompress the %s payload: %w", name, err)}
		}
		x.Request.Body = body
		delete(x.Request.Header(), "Content-Encoding")
		return nil
	}
	return &apigw.Rejection{Type: apigw.UnsupportedMediaType, Err: fmt.Errorf("content encoding %q", name)}
}

// compress encodes an answer that is large enough, as the client likes it. One that has a coding
// of its own stays as it is.
func compress(x *apigw.Exchange, accepts []string) {
	res, least := &x.Response, x.Stage.MinimumCompressionSize
	if least == nil || len(res.Body) < *least || len(res.Body) == 0 || res.Header.Has("Content-Encoding") {
		return
	}
	c := choose(accepts)
	if c == nil {
		return
	}
	if body, err := c.encode(res.Body); err == nil {
		res.Body = body
		res.Header.Add("Content-Encoding", c.name)
	}
}

// choose returns the coding that Accept-Encoding prefers, nil for none at all.
func choose(accepts []string) (best *coding) {
	most := 0.0
	quality := map[string]float64{}
	for _, list := range accepts {
		for item := range strings.SplitSeq(list, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			quality[strings.ToLower(strings.TrimSpace(name))] = weight(parameters)
		}
	}
	for _, c := range codings {
		q, named := quality[c.name]
		if !named {
			q = quality["*"]
		}
		if q > most {
			best, most = c, q
		}
	}
	if quality["identity"] > most {
		return nil
	}
	return best
}

func weight(parameters string) float64 {
	text, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return q
}
