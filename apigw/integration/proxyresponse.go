package integration

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

// A proxyAnswer is what a function of a Lambda proxy integration returned.
type proxyAnswer struct {
	status int
	single apigw.Header
	multi  apigw.Header
	body   string
	base64 bool
}

// proxyResponse makes x.Response of the payload that a function returned. Anything but an object
// of the members that API Gateway knows is malformed: 502. (Recorded on AWS, but for
// those marked otherwise: facts/rest-dataplane.md §5.)
func proxyResponse(x *apigw.Exchange, payload []byte) error {
	answer, err := parseProxyAnswer(payload)
	if err != nil {
		return MalformedResponse(err)
	}
	body := []byte(answer.body)
	if answer.base64 && x.Stage.BinaryMediaTypes.Match(x.Request.Accept()) {
		if body, err = DecodeBase64(answer.body); err != nil {
			return apigw.ConfigurationError("Unable to base64 decode the body.", err)
		}
	}
	x.Response.Status, x.Endpoint.Response.Status = answer.status, answer.status
	x.Response.Header = append(x.Response.Header, answer.header()...)
	x.Response.Body = body
	return nil
}

// DecodeBase64 tolerates missing padding, as Java's decoder does.
func DecodeBase64(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
}

// header merges both maps: the values of multiValueHeaders come first and give the name
// its case, a value that both have counts once. What API Gateway keeps to itself is renamed.
func (a *proxyAnswer) header() apigw.Header {
	merged := make(apigw.Header, 0, len(a.multi)+len(a.single))
	for i, f := range a.multi {
		merged = appendRemapped(merged, f)
		if i+1 < len(a.multi) && strings.EqualFold(a.multi[i+1].Name, f.Name) {
			continue
		}
		for _, s := range a.single {
			if strings.EqualFold(s.Name, f.Name) && !slices.Contains(a.multi, apigw.Field{Name: f.Name, Value: s.Value}) {
				merged = appendRemapped(merged, apigw.Field{Name: f.Name, Value: s.Value})
			}
		}
	}
	for _, s := range a.single {
		if !a.multi.Has(s.Name) {
			merged = appendRemapped(merged, s)
		}
	}
	return merged
}

func appendRemapped(h apigw.Header, f apigw.Field) apigw.Header {
	if name, ok := apigw.Remap(f.Name); ok {
		h = append(h, apigw.Field{Name: name, Value: f.Value})
	}
	return h
}

func parseProxyAnswer(payload []byte) (*proxyAnswer, error) {
	if !json.Valid(payload) {
		return nil, errors.New("not JSON")
	}
	a := &proxyAnswer{status: 200}
	err := EachMember(WellFormed(payload), func(key string, value []byte) error {
		if err := a.set(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	return a, err
}

// set takes one member. The JSON library that API Gateway uses makes numbers and booleans of strings
// that spell them, and so does this.
func (a *proxyAnswer) set(key string, value []byte) (err error) {
	switch key {
	case "statusCode":
		a.status, err = StatusCode(value)
	case "headers":
		a.single, err = SingleHeaders(value)
	case "multiValueHeaders":
		a.multi, err = MultiHeaders(value)
	case "body":
		a.body, err = BodyText(value)
	case "isBase64Encoded":
		a.base64, err = Boolean(value)
	default:
		err = errors.New("no member of a proxy response")
	}
	return err
}

// StatusCode reads a status; null is 200.
func StatusCode(value []byte) (int, error) {
	text, ok := Scalar(value)
	if !ok {
		return 200, isNull(value)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(text, ".0")) // Python's json writes 200.0 for a float
	if err != nil {
		return 0, fmt.Errorf("%s is no number", value)
	}
	// Not recorded for AWS; net/http could not write it.
	if n < 200 || n > 999 {
		return 0, fmt.Errorf("%d is no final HTTP status", n)
	}
	return n, nil
}

// SingleHeaders reads an object of headers with one value each.
func SingleHeaders(value []byte) (apigw.Header, error) {
	if string(value) == "null" {
		return nil, nil
	}
	var h apigw.Header
	err := EachMember(value, func(name string, value []byte) error { return AddHeader(&h, name, value) })
	return h, err
}

// MultiHeaders reads an object of headers with lists of values.
func MultiHeaders(value []byte) (apigw.Header, error) {
	if string(value) == "null" {
		return nil, nil
	}
	var h apigw.Header
	err := EachMember(value, func(name string, list []byte) error {
		if string(list) == "null" {
			return nil
		}
		return EachElement(list, func(value []byte) error { return AddHeader(&h, name, value) })
	})
	return h, err
}

// AddHeader adds a header whose value may be a string, a number or a boolean; null adds nothing.
func AddHeader(h *apigw.Header, name string, value []byte) error {
	text, ok := Scalar(value)
	if !ok {
		if err := isNull(value); err != nil {
			return fmt.Errorf("header %q: %w", name, err)
		}
		return nil
	}
	if !httpguts.ValidHeaderFieldName(name) {
		return fmt.Errorf("%q is no name of a header", name)
	}
	if !httpguts.ValidHeaderFieldValue(text) {
		return fmt.Errorf("%q is no value of header %s", text, name)
	}
	h.Add(name, text)
	return nil
}

// BodyText reads a body: a string, or null for none.
func BodyText(value []byte) (string, error) {
	if value[0] == '"' {
		return Unquote(value), nil
	}
	return "", isNull(value)
}

// Boolean reads a boolean, or the text of one; null is false.
func Boolean(value []byte) (bool, error) {
	switch string(value) {
	case "true", `"true"`:
		return true, nil
	case "false", `"false"`:
		return false, nil
	}
	return false, isNull(value)
}

// Scalar is the text of a string, number or boolean.
func Scalar(value []byte) (text string, ok bool) {
	switch value[0] {
	case '"':
		return Unquote(value), true
	case '{', '[', 'n':
		return "", false
	}
	return string(value), true
}

func isNull(value []byte) error {
	if string(value) == "null" {
		return nil
	}
	return fmt.Errorf("has a wrong type: %.40s", value)
}
