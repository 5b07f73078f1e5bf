package apigateway

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A change is one patch operation taken apart.
type change struct {
	op       types.Op
	path     string   // as it was sent, "null" if it was not
	segments []string // of the path, as they were sent
	args     []string // what the braces of the rule's path stand for, without escapes
	from     string   // of a copy
	value    *string
}

// text is the value, "" where there is none.
func (c change) text() string { return aws.ToString(c.value) }

// flag is the value as a boolean; what is not true is false (recorded).
func (c change) flag() bool { return strings.EqualFold(c.text(), "true") }

// A rule says what an operation on paths of one form does to a T. A segment in
// braces stands for any text.
type rule[T any] struct {
	op   types.Op
	path string
	do   func(*T, change) error
}

// A patchTable is all that the Update operation of a resource can do.
type patchTable[T any] struct {
	rules []rule[T]
	// unknown is AWS's error for what no rule is for. The paths are those that the
	// operation could have.
	unknown func(c change, paths []string) error
}

// apply makes the changes in their order. After an error the target is spoilt and
// must not be stored.
func (t patchTable[T]) apply(target *T, operations []types.PatchOperation) error {
	for _, o := range operations {
		c := newChange(o)
		do := t.find(&c)
		if do == nil {
			return t.unknown(c, t.paths(c.op))
		}
		if err := do(target, c); err != nil {
			return err
		}
	}
	return nil
}

func newChange(o types.PatchOperation) change {
	c := change{op: o.Op, path: "null", from: aws.ToString(o.From), value: o.Value}
	if o.Path != nil {
		c.path = *o.Path
	}
	if strings.HasPrefix(c.path, "/") {
		c.segments = strings.Split(c.path[1:], "/")
	}
	return c
}

// find picks the rule for a change and fills its args.
func (t patchTable[T]) find(c *change) func(*T, change) error {
	for _, r := range t.rules {
		if r.op != c.op {
			continue
		}
		if args, ok := match(r.path, c.segments); ok {
			c.args = args
			return r.do
		}
	}
	return nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// match compares a path with the form of a rule, which starts with a slash.
func match(form string, segments []string) (args []string, ok bool) {
	wanted := strings.Split(form[1:], "/")
	if len(wanted) != len(segments) {
		return nil, false
	}
	for i, w := range wanted {
		s := unescape.Replace(segments[i])
		switch {
		case !strings.HasPrefix(w, "{"):
			if s != w {
				return nil, false
			}
		case s == "" && w != "{resource}": // the root may be an empty one
			return nil, false
		default:
			args = append(args, s)
		}
	}
	return args, true
}

func (t patchTable[T]) paths(op types.Op) (paths []string) {
	for _, r := range t.rules {
		if r.op == op {
			paths = append(paths, r.path)
		}
	}
	return paths
}

// loose, replaceOnly and strict are the ways in which AWS words what it cannot do
// (recorded); the two blanks are AWS's.
func loose(c change, _ []string) error { return badRequest("Invalid patch path %s", c.path) }

// replaceOnly is loose for tables where some paths know but one operation.
func replaceOnly(paths ...string) func(change, []string) error {
	return func(c change, _ []string) error {
		if slices.Contains(paths, c.path) {
			return badRequest("Invalid patch operation specified. Must be one of: [replace]")
		}
		return loose(c, nil)
	}
}

func strict(c change, paths []string) error {
	if len(paths) == 0 {
		return badRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", c.path, c.op)
	}
	return badRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", c.path, c.op, strings.Join(paths, ", "))
}

// setText sets an optional text; an empty one takes it away.
func setText[T any](member func(*T) **string) func(*T, change) error {
	return func(t *T, c change) error {
		*member(t) = nil
		if c.text() != "" {
			*member(t) = c.value
		}
		return nil
	}
}

// setFlag sets a boolean.
func setFlag[T any](member func(*T) *bool) func(*T, change) error {
	return func(t *T, c change) error {
		*member(t) = c.flag()
		return nil
	}
}

// putEntry sets the entry of a map that the path names.
func putEntry[T, V any](member func(*T) *map[string]V, value func(change) V) func(*T, change) error {
	return func(t *T, c change) error {
		m := member(t)
		if *m == nil {
			*m = map[string]V{}
		}
		(*m)[c.args[0]] = value(c)
		return nil
	}
}

// dropEntry removes the entry of a map that the path names, or fails as missing
// says where there is none. With its last entry the map goes (recorded).
func dropEntry[T, V any](member func(*T) *map[string]V, missing string) func(*T, change) error {
	return func(t *T, c change) error {
		m := member(t)
		if _, ok := (*m)[c.args[0]]; !ok {
			return notFound("%s", missing)
		}
		delete(*m, c.args[0])
		if len(*m) == 0 {
			*m = nil
		}
		return nil
	}
}

// replaceEntry changes the entry of a map that the path names, or fails as missing
// says where there is none.
func replaceEntry[T any](member func(*T) *map[string]string, missing string) func(*T, change) error {
	return func(t *T, c change) error {
		m := *member(t)
		if _, ok := m[c.args[0]]; !ok {
			return notFound("%s", missing)
		}
		m[c.args[0]] = c.text()
		return nil
	}
}
