package route

import (
	"fmt"
	"net/url"
	"strings"
)

// A Tree maps resource paths and verbs to leaves. Build it with Add, then only
// Match: a Tree that is not added to may be read by any number of goroutines.
type Tree[T any] struct {
	// Exact makes every slash count, as in HTTP APIs: /pets/ is not /pets but has an empty last segment,
	// which {id} and {proxy+} match.
	Exact bool
	root  node[T]
}

// A node is one resource: what follows it, in API Gateway's order of precedence,
// and the verbs it answers itself.
type node[T any] struct {
	literals map[string]*node[T]
	param    *node[T]
	greedy   *node[T]
	verbs    []verb[T]
	any      *T
}

type verb[T any] struct {
	name string
	leaf T
}

// Any is the verb that answers every verb its resource does not list.
const Any = "ANY"

// Add puts a leaf under a resource path as API Gateway writes it: "/", "/pets/{id}",
// "/files/{proxy+}". Parameter names play no part in matching; ParamNames lists them.
func (t *Tree[T]) Add(path, verbName string, leaf T) error {
	n := &t.root
	segments := split(path)
	if rest := strings.TrimPrefix(path, "/"); t.Exact && rest != "" {
		segments = strings.Split(rest, "/")
	}
	for i, s := range segments {
		switch kind(s) {
		case greedy:
			if i != len(segments)-1 {
				return fmt.Errorf("resource %s: %s is not the last segment", path, s)
			}
			n = child(&n.greedy)
		case param:
			n = child(&n.param)
		default:
			n = n.literal(s)
		}
	}
	return n.put(path, verbName, leaf)
}

func (n *node[T]) put(path, verbName string, leaf T) error {
	if verbName == Any {
		if n.any != nil {
			return fmt.Errorf("resource %s: two methods %s", path, verbName)
		}
		n.any = &leaf
		return nil
	}
	for _, v := range n.verbs {
		if v.name == verbName {
			return fmt.Errorf("resource %s: two methods %s", path, verbName)
		}
	}
	n.verbs = append(n.verbs, verb[T]{verbName, leaf})
	return nil
}

func (n *node[T]) literal(s string) *node[T] {
	if n.literals == nil {
		n.literals = map[string]*node[T]{}
	}
	next := n.literals[s]
	if next == nil {
		next = &node[T]{}
		n.literals[s] = next
	}
	return next
}

func child[T any](n **node[T]) *node[T] {
	if *n == nil {
		*n = &node[T]{}
	}
	return *n
}

// Match finds the leaf for a verb and a path that is still percent-encoded as the
// client sent it. The values of the path's parameters are appended to values in
// the order of ParamNames, encoded as sent.
//
// A literal segment comes before {param}, and {param} before {proxy+}. A resource without the verb
// (or ANY) does not end the search: with POST /test and OPTIONS /{proxy+},
// OPTIONS /test is served by /{proxy+} (recorded on AWS). Slashes at either end
// do not count; {proxy+} keeps those in the middle.
//
// In an Exact tree they do. The path "/" is then that of the root resource, else one with an empty segment.
func (t *Tree[T]) Match(verbName, path string, values []string) (leaf T, params []string, ok bool) {
	l, params := t.match(verbName, path, values)
	if l == nil {
		return leaf, values, false
	}
	return *l, params, true
}

func (t *Tree[T]) match(verbName, path string, values []string) (*T, []string) {
	if !t.Exact {
		rest := strings.Trim(path, "/")
		return t.root.match(verbName, rest, rest != "", values)
	}
	rest := strings.TrimPrefix(path, "/")
	if rest == "" {
		if l := t.root.leaf(verbName); l != nil {
			return l, values
		}
	}
	return t.root.match(verbName, rest, true, values)
}

// match visits each node at most once: every segment of the path goes to at most one
// literal and one parameter below a node. more says that rest has a segment, which may be empty.
func (n *node[T]) match(verbName, rest string, more bool, values []string) (*T, []string) {
	if !more {
		return n.leaf(verbName), values
	}
	segment, after, more := strings.Cut(rest, "/")
	if next := n.findLiteral(segment); next != nil {
		if l, v := next.match(verbName, after, more, values); l != nil {
			return l, v
		}
	}
	if n.param != nil && (segment != "" || rest == "") {
		if l, v := n.param.match(verbName, after, more, append(values, segment)); l != nil {
			return l, v
		}
	}
	if n.greedy != nil {
		if l := n.greedy.leaf(verbName); l != nil {
			return l, append(values, rest)
		}
	}
	return nil, values
}

// findLiteral compares a segment as sent, then decoded: clients write ':' as %3A.
func (n *node[T]) findLiteral(segment string) *node[T] {
	if n.literals == nil {
		return nil
	}
	if next := n.literals[segment]; next != nil {
		return next
	}
	if strings.IndexByte(segment, '%') < 0 {
		return nil
	}
	decoded, err := url.PathUnescape(segment)
	if err != nil {
		return nil
	}
	return n.literals[decoded]
}

func (n *node[T]) leaf(verbName string) *T {
	for i := range n.verbs {
		if n.verbs[i].name == verbName {
			return &n.verbs[i].leaf
		}
	}
	return n.any
}

// ParamNames lists the parameters of a resource path in order, without braces and plus.
func ParamNames(path string) []string {
	var names []string
	for _, s := range split(path) {
		switch kind(s) {
		case param:
			names = append(names, s[1:len(s)-1])
		case greedy:
			names = append(names, s[1:len(s)-2])
		}
	}
	return names
}

type segmentKind int

const (
	literal segmentKind = iota
	param
	greedy
)

func kind(segment string) segmentKind {
	if len(segment) < 3 || segment[0] != '{' || segment[len(segment)-1] != '}' {
		return literal
	}
	if segment[len(segment)-2] == '+' {
		return greedy
	}
	return param
}

func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}
