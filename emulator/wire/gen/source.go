package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// A source is the parsed Go source of one SDK module.
type source struct {
	files   map[string]*ast.File // by slash-separated path inside the module
	structs map[string][]string  // Go struct name → exported fields, in order
}

// load parses every file a table is read from; tests are left out.
func load(dir string) (*source, error) {
	s := &source{files: map[string]*ast.File{}, structs: map[string][]string{}}
	for _, sub := range []string{".", "types", "schemas"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, sub, e.Name()), nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			s.files[filepath.ToSlash(filepath.Join(sub, e.Name()))] = f
		}
	}
	s.readStructs()
	return s, nil
}

// names returns the paths of the files in a fixed order.
func (s *source) names() []string {
	var names []string
	for n := range s.files {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// funcs calls fn for every function of the files whose path starts with prefix.
func (s *source) funcs(prefix string, fn func(*ast.FuncDecl)) {
	for _, n := range s.names() {
		if !strings.HasPrefix(n, prefix) {
			continue
		}
		for _, d := range s.files[n].Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
				fn(fd)
			}
		}
	}
}

func (s *source) readStructs() {
	for _, n := range s.names() {
		if strings.HasPrefix(n, "schemas/") {
			continue
		}
		for _, d := range s.files[n].Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				t := spec.(*ast.TypeSpec)
				st, ok := t.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, f := range st.Fields.List {
					for _, name := range f.Names {
						if name.IsExported() {
							s.structs[t.Name.Name] = append(s.structs[t.Name.Name], name.Name)
						}
					}
				}
			}
		}
	}
}

// receiver is the type name of a method's receiver, or "".
func receiver(fd *ast.FuncDecl) string {
	if fd.Recv == nil {
		return ""
	}
	return typeName(fd.Recv.List[0].Type)
}

// typeName is the last identifier of T, *T, pkg.T or *pkg.T, or "".
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// text is the value of a string literal, or "".
func text(e ast.Expr) string {
	if b, ok := e.(*ast.BasicLit); ok && b.Kind == token.STRING {
		s, err := strconv.Unquote(b.Value)
		if err == nil {
			return s
		}
	}
	return ""
}

// number is the value of an integer literal, or 0.
func number(e ast.Expr) int {
	if b, ok := e.(*ast.BasicLit); ok && b.Kind == token.INT {
		n, _ := strconv.Atoi(b.Value)
		return n
	}
	return 0
}

// selected is the F of the first selector recv.F below n, or "".
func selected(n ast.Node, recv string) (field string) {
	ast.Inspect(n, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if ok && field == "" && typeName(s.X) == recv {
			if _, plain := s.X.(*ast.Ident); plain {
				field = s.Sel.Name
			}
		}
		return field == ""
	})
	return field
}

// calls calls fn with every call below n and the name of what is called.
func calls(n ast.Node, fn func(name string, c *ast.CallExpr)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			fn(typeName(c.Fun), c)
		}
		return true
	})
}

// has tells whether a function named name is called below n.
func has(n ast.Node, name string) (found bool) {
	calls(n, func(called string, _ *ast.CallExpr) { found = found || called == name })
	return found
}
