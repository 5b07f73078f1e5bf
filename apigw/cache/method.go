package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"
	"time"

	"postern/apigw"
)

// A Method is how the answers of one method are kept.
type Method struct {
	Cache     *Cache
	TTL       time.Duration // > 0
	Namespace string        // cacheNamespace: methods of one namespace share their answers
	Keys      []apigw.Value // cacheKeyParameters; none: one answer for all requests
	Now       func() time.Time

	// Guarded asks that a client that renews an entry (Cache-Control: max-age=0) may do so:
	// requireAuthorizationForCacheControl.
	Guarded bool
	// May tells whether the client may invoke execute-api:InvalidateCache; nil: nobody may.
	May          func(*apigw.Exchange) bool
	Unauthorized Strategy // what happens to those who may not
}

// A Strategy is an unauthorizedCacheControlHeaderStrategy.
type Strategy string

// The strategies.
const (
	FailWith403                  Strategy = "FAIL_WITH_403"
	SucceedWithResponseHeader    Strategy = "SUCCEED_WITH_RESPONSE_HEADER"
	SucceedWithoutResponseHeader Strategy = "SUCCEED_WITHOUT_RESPONSE_HEADER"
)

// warning is what a client is told whose Cache-Control was not heeded. AWS documents that a warning
// is added, not its text.
const warning = `199 - "Cache invalidation is not authorized"`

// Lookup is the step before the integration: it answers from the cache.
func (m *Method) Lookup(_ context.Context, x *apigw.Exchange) error {
	renews, err := m.renews(x)
	if err != nil || renews {
		return err
	}
	var buffer [256]byte
	a := m.Cache.Get(m.appendKey(buffer[:0], x), m.Now())
	if a == nil {
		return nil
	}
	x.Response.Status, x.Response.Body = a.Status, a.Body
	x.Response.Header = append(x.Response.Header, a.Header...)
	return apigw.ErrAnswered
}

// Store is the step after the integration: it keeps the answer, whatever its status is (users
// report of AWS that an error of a backend stays for the whole TTL). What the
// gateway itself answers never gets here.
func (m *Method) Store(_ context.Context, x *apigw.Exchange) error {
	if x.Response.Stream != nil {
		return nil
	}
	a := &Answer{Status: x.Response.Status, Body: x.Response.Body, Header: make(apigw.Header, 0, len(x.Response.Header))}
	for _, f := range x.Response.Header {
		if f != (apigw.Field{Name: "Warning", Value: warning}) {
			a.Header = append(a.Header, f)
		}
	}
	m.Cache.Put(string(m.appendKey(nil, x)), a, m.Now().Add(m.TTL))
	return nil
}

// renews reports whether the client wants a new answer and may have it.
func (m *Method) renews(x *apigw.Exchange) (bool, error) {
	if !wantsNew(x.Request.HeaderValues("Cache-Control")) {
		return false, nil
	}
	if !m.Guarded || m.May != nil && m.May(x) {
		return true, nil
	}
	switch m.Unauthorized {
	case FailWith403:
		return false, &apigw.Rejection{Type: apigw.AccessDenied, Status: http.StatusForbidden, Err: errNotAuthorized}
	case SucceedWithoutResponseHeader:
	default:
		x.Response.Header.Add("Warning", warning)
	}
	return false, nil
}

var errNotAuthorized = errors.New("the client may not renew what is cached: it needs execute-api:InvalidateCache")

func wantsNew(values []string) bool {
	for _, v := range values {
		for directive := range strings.SplitSeq(v, ",") {
			switch strings.ToLower(strings.ReplaceAll(directive, " ", "")) {
			case "max-age=0", "no-cache":
				return true
			}
		}
	}
	return false
}

// appendKey appends what tells the request from others: the length of each part stands
// before it, so that no two requests have one key by chance.
func (m *Method) appendKey(b []byte, x *apigw.Exchange) []byte {
	b = appendPart(b, m.Namespace)
	b = appendPart(b, x.Request.Verb)
	for _, value := range m.Keys {
		values := value(x)
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, v := range values {
			b = appendPart(b, v)
		}
	}
	return b
}

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
