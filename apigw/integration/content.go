package integration

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"postern/apigw"
)

// A Handling is what contentHandling says about a body.
type Handling int

// The zero Handling leaves the decision to the media types.
const (
	Unset Handling = iota
	ToBinary
	ToText
)

// ParseHandling reads CONVERT_TO_BINARY, CONVERT_TO_TEXT or "".
func ParseHandling(s string) (Handling, error) {
	switch s {
	case "":
		return Unset, nil
	case "CONVERT_TO_BINARY":
		return ToBinary, nil
	case "CONVERT_TO_TEXT":
		return ToText, nil
	}
	return Unset, fmt.Errorf("contentHandling %q is none of CONVERT_TO_BINARY, CONVERT_TO_TEXT", s)
}

// A conversion is what is done to a body.
type conversion int

const (
	keepBytes conversion = iota
	keepText
	encode // bytes as base64 text
	decode // base64 text to bytes
)

// binary reports whether the result is bytes, which no template can transform.
func (c conversion) binary() bool { return c == keepBytes || c == decode }

// requestConversion follows the table of the developer guide, "Content type conversions
// in API Gateway" (facts: rest-dataplane §10).
func requestConversion(h Handling, binaryType bool) conversion {
	switch {
	case binaryType && h == ToText:
		return encode
	case binaryType:
		return keepBytes
	case h == ToBinary:
		return decode
	}
	return keepText
}

// responseConversion looks at the backend's Content-Type and at the first type of the client's Accept.
func responseConversion(h Handling, binaryPayload, binaryAccept bool) conversion {
	switch {
	case binaryPayload && (h == ToText || h == Unset && !binaryAccept):
		return encode
	case binaryPayload:
		return keepBytes
	case h == ToBinary || h == Unset && binaryAccept:
		return decode
	}
	return keepText
}

func (c conversion) apply(body []byte) ([]byte, error) {
	switch c {
	case keepText:
		return WellFormed(body), nil
	case encode:
		return base64.StdEncoding.AppendEncode(nil, body), nil
	case decode:
		decoded, err := base64.StdEncoding.AppendDecode(nil, body)
		if err != nil {
			return nil, apigw.ConfigurationError("Unable to base64 decode the body.", nil)
		}
		return decoded, nil
	}
	return body, nil
}

// WellFormed is body as Java reads UTF-8: each longest part that could have begun a
// character, and each byte that could not, becomes U+FFFD.
func WellFormed(body []byte) []byte {
	if utf8.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body)+16)
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			n = malformed(body)
		}
		out = utf8.AppendRune(out, r)
		body = body[n:]
	}
	return out
}

// malformed is the length of the part at the start of b that stands for one U+FFFD.
func malformed(b []byte) int {
	for n := 1; n < 4 && n < len(b); n++ {
		if utf8.FullRune(b[:n]) {
			return max(n-1, 1)
		}
	}
	if utf8.FullRune(b) {
		return max(min(len(b), 4)-1, 1)
	}
	return len(b)
}
