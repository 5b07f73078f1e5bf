package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// An operation is one parameter mapping: what is done to a header or query parameter.
type operation struct {
	action action
	name   string // of headers in canonical form
	value  Expression
}

// An action is what an operation does. Of several for one name, removals come first and additions last.
type action int

const (
	remove action = iota
	overwrite
	appendTo
)

var actions = map[string]action{"remove": remove, "overwrite": overwrite, "append": appendTo}

// A target is the left side of a parameter mapping: "overwrite:header.name".
type target struct {
	action action
	group  string // header, querystring, path, statuscode
	name   string // "" of the latter two
}

// errTarget is one that there is not.
var errTarget = errors.New("no target of a mapping")

func parseTarget(key string) (target, error) {
	verb, of, _ := strings.Cut(key, ":")
	action, ok := actions[verb]
	t := target{action: action}
	t.group, t.name, _ = strings.Cut(of, ".")
	switch t.group {
	case "header", "querystring":
		ok = ok && t.name != ""
	case "path", "statuscode":
		ok = ok && t.action == overwrite && t.name == ""
	default:
		ok = false
	}
	if !ok {
		return t, errTarget
	}
	if t.group == "header" {
		t.name = textproto.CanonicalMIMEHeaderKey(t.name)
		if reserved(t.name) {
			//lint:ignore ST1005 these are AWS's words
			return t, fmt.Errorf("Operations on header %s are restricted", strings.ToLower(t.name))
		}
	}
	return t, nil
}

// reserved tells the headers that no mapping may touch. (HTTP API guide, "Reserved headers".)
func reserved(canonical string) bool {
	switch canonical {
	case "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Location", "Forwarded", "Keep-Alive", "Origin",
		"Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailers", "Transfer-Encoding", "Upgrade", "X-Forwarded-For",
		"X-Forwarded-Host", "X-Forwarded-Proto", "Via":
		return true
	}
	for _, prefix := range []string{"Access-Control-", "Apigw-", "X-Amz-", "X-Amzn-"} {
		if strings.HasPrefix(canonical, prefix) {
			return true
		}
	}
	return false
}

// compile reads mappings in the order of their keys, reports everything that is wrong with them, and hands each on.
func compile(mappings map[string]string, kind string, parse func(string) (Expression, error), take func(target, Expression) error) error {
	var wrong []error
	for _, key := range slices.Sorted(maps.Keys(mappings)) {
		t, err := parseTarget(key)
		if err == nil {
			var value Expression
			if value, err = parse(mappings[key]); err == nil {
				err = take(t, value)
			}
		}
		if errors.Is(err, errTarget) {
			//lint:ignore ST1005 these are AWS's words
			err = fmt.Errorf("Invalid %s Actioned Parameter destination specified: %s", kind, key)
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

func inOrder(all []operation) {
	slices.SortStableFunc(all, func(a, b operation) int { return int(a.action - b.action) })
}

// on applies an operation to a header, of which it changes no list that is there.
func (o *operation) on(h http.Header, value string) {
	switch o.action {
	case remove:
		delete(h, o.name)
	case overwrite:
		h[o.name] = []string{value}
	case appendTo:
		h[o.name] = append(slices.Clip(h[o.name]), value)
	}
}
