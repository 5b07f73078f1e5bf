package main

import (
	"go/ast"
	"strings"
)

// readCommon reads what both kinds of modules have alike: validators.go, the
// enums' Values, the exceptions' codes and the signing name.
func readCommon(src *source, m *model) {
	src.funcs("validators.go", func(fd *ast.FuncDecl) { readValidator(m, fd) })
	src.funcs("types/enums.go", func(fd *ast.FuncDecl) { readEnum(m, fd) })
	src.funcs("types/errors.go", func(fd *ast.FuncDecl) {
		if fd.Name.Name == "ErrorCode" {
			readErrorCode(m, receiver(fd), fd)
		}
		if fd.Name.Name == "ErrorFault" && faultIsServer(fd) {
			m.err(receiver(fd)).server = true
		}
	})
	src.funcs("auth.go", func(fd *ast.FuncDecl) {
		calls(fd, func(name string, c *ast.CallExpr) {
			if name == "SetSigV4SigningName" && text(c.Args[1]) != "" {
				m.signing = text(c.Args[1])
			}
		})
	})
}

// readValidator reads if v.Field == nil { … NewErrParamRequired("Field") }.
func readValidator(m *model, fd *ast.FuncDecl) {
	if !strings.HasPrefix(fd.Name.Name, "validate") || len(fd.Type.Params.List) != 1 {
		return
	}
	star, ok := fd.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return
	}
	for _, st := range fd.Body.List {
		i, ok := st.(*ast.IfStmt)
		if !ok || !has(i.Body, "NewErrParamRequired") {
			continue
		}
		if f := selected(i.Cond, "v"); f != "" {
			m.required[typeName(star.X)] = append(m.required[typeName(star.X)], f)
		}
	}
}

// readEnum reads func (T) Values() []T { return []T{"A", "B"} }.
func readEnum(m *model, fd *ast.FuncDecl) {
	if fd.Name.Name != "Values" {
		return
	}
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		for _, e := range lit.Elts {
			m.enums[receiver(fd)] = append(m.enums[receiver(fd)], text(e))
		}
		return false
	})
}

func readErrorCode(m *model, goType string, fd *ast.FuncDecl) {
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && text(r.Results[0]) != "" {
			m.err(goType).code = text(r.Results[0])
		}
		return true
	})
}

func faultIsServer(fd *ast.FuncDecl) (server bool) {
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "FaultServer" {
			server = true
		}
		return true
	})
	return server
}
