package main

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// A schemaMember is one X_y = X.AddMember("y", Target, traits…) of schemas.go.
type schemaMember struct {
	name   string
	target string
	traits []trait
}

// A trait is a &smithytraits.Kind{Field: "value"} or {Field: number}.
type trait struct {
	kind string
	text map[string]string
	code int
}

type schemaShape struct {
	name    string // "CreateFunctionRequest"
	kind    string // "ShapeTypeStructure"
	traits  []trait
	members []schemaMember
}

// readSchemas reads a module of the newer kind: shapes from schemas/schemas.go,
// and which of them an operation's Go types stand for from api_op_*.go.
func readSchemas(src *source, m *model) error {
	shapes := schemaShapes(src)
	if err := schemaProtocol(src, m); err != nil {
		return err
	}
	for _, s := range shapes {
		if s.kind != "ShapeTypeOperation" {
			continue
		}
		op := m.op(s.name)
		for _, t := range s.traits {
			if t.kind == "HTTP" {
				op.method, op.uri, op.status = t.text["Method"], t.text["URI"], t.code
			}
		}
	}
	used := schemaOperations(src, m, shapes)
	for name, s := range shapes {
		if !used[name] {
			schemaType(src, m, s)
		}
	}
	return nil
}

// schemaShapes collects the shapes by the name of their Go variable.
func schemaShapes(src *source) map[string]*schemaShape {
	shapes := map[string]*schemaShape{}
	ast.Inspect(src.files["schemas/schemas.go"], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Values) != 1 {
				return true
			}
			if c, ok := n.Values[0].(*ast.CallExpr); ok && typeName(c.Fun) == "NewSchema" {
				id := fields(c.Args[0])
				shapes[n.Names[0].Name] = &schemaShape{name: id.text["Name"], kind: typeName(c.Args[1]), traits: traits(c.Args[3:])}
			}
		case *ast.AssignStmt:
			c, ok := n.Rhs[0].(*ast.CallExpr)
			if !ok || typeName(c.Fun) != "AddMember" {
				return true
			}
			owner := typeName(c.Fun.(*ast.SelectorExpr).X)
			if s := shapes[owner]; s != nil {
				s.members = append(s.members, schemaMember{text(c.Args[0]), typeName(c.Args[1]), traits(c.Args[2:])})
			}
		}
		return true
	})
	return shapes
}

func traits(args []ast.Expr) (ts []trait) {
	for _, a := range args {
		if u, ok := a.(*ast.UnaryExpr); ok {
			ts = append(ts, fields(u.X))
		}
	}
	return ts
}

// fields reads a composite literal of string and integer fields.
func fields(e ast.Expr) trait {
	t := trait{text: map[string]string{}}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return t
	}
	t.kind = typeName(lit.Type)
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if typeName(kv.Key) == "Code" {
			t.code = number(kv.Value)
		}
		t.text[typeName(kv.Key)] = text(kv.Value)
	}
	return t
}

// schemaProtocol reads options.Protocol = awsjson.New11(schemas.Logs_20140328);
// the service shape's name is the prefix of X-Amz-Target.
func schemaProtocol(src *source, m *model) error {
	ast.Inspect(src.files["api_client.go"], func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || typeName(a.Lhs[0]) != "Protocol" {
			return true
		}
		c, ok := a.Rhs[0].(*ast.CallExpr)
		if !ok {
			return true
		}
		switch pkg := typeName(c.Fun.(*ast.SelectorExpr).X); pkg + "." + typeName(c.Fun) {
		case "restjson1.New":
			m.protocol = "restJSON"
		case "awsjson.New11":
			m.protocol, m.target = "json11", typeName(c.Args[0])
		}
		return true
	})
	if m.protocol == "" {
		return fmt.Errorf("api_client.go sets a protocol this generator does not know")
	}
	return nil
}

// schemaOperations finds NewOperationSchema(op, in, out) and records the members
// of XInput and XOutput. It returns the shapes that only operations use.
func schemaOperations(src *source, m *model, shapes map[string]*schemaShape) map[string]bool {
	used := map[string]bool{}
	src.funcs("api_op_", func(fd *ast.FuncDecl) {
		calls(fd, func(name string, c *ast.CallExpr) {
			if name != "NewOperationSchema" {
				return
			}
			op := m.op(typeName(c.Args[0]))
			for i, side := range []*[]binding{&op.in, &op.out} {
				shape := shapes[typeName(c.Args[i+1])]
				if shape == nil {
					continue // the empty Unit shape
				}
				goType := op.name + []string{"Input", "Output"}[i]
				*side = nil
				for _, mem := range shape.members {
					if isEventStream(shapes[mem.target]) {
						op.stream = true // an unexported field of the Go type
						continue
					}
					schemaBind(m, op, side, mem)
					m.member(goType, goName(mem.name), mem.name)
				}
				if src.structs[shape.name] == nil {
					used[typeName(c.Args[i+1])] = true
				}
			}
		})
	})
	return used
}

func isEventStream(s *schemaShape) bool {
	return s != nil && s.kind == "ShapeTypeUnion" &&
		slices.ContainsFunc(s.traits, func(t trait) bool { return t.kind == "Streaming" })
}

func schemaBind(m *model, op *operation, side *[]binding, mem schemaMember) {
	kinds := map[string]string{
		"HTTPLabel": "label", "HTTPQuery": "query", "HTTPHeader": "header",
		"HTTPPayload": "payload", "HTTPResponseCode": "statusCode", "HTTPQueryParams": "queryMap",
	}
	for _, t := range mem.traits {
		kind := kinds[t.kind]
		if kind == "" || m.protocol != "restJSON" {
			continue
		}
		name := t.text["Name"]
		if kind == "label" {
			name = mem.name
		}
		op.bind(side, goName(mem.name), kind, name)
	}
}

// schemaType records the member names, unions and errors of one data shape.
func schemaType(src *source, m *model, s *schemaShape) {
	if s.kind == "ShapeTypeUnion" {
		for _, mem := range s.members {
			if goType := s.name + "Member" + goName(mem.name); src.structs[goType] != nil {
				m.union(s.name, mem.name, goType)
			}
		}
		return
	}
	if s.kind != "ShapeTypeStructure" || src.structs[s.name] == nil {
		return
	}
	for _, mem := range s.members {
		m.member(s.name, goName(mem.name), mem.name)
		for _, t := range mem.traits {
			if t.kind == "EventPayload" {
				m.eventPayloads = append(m.eventPayloads, s.name+"."+goName(mem.name))
			}
		}
	}
	for _, t := range s.traits {
		switch t.kind {
		case "Error":
			m.err(s.name)
		case "HTTPError":
			m.err(s.name).status = t.code
		}
	}
	if e := m.errors[s.name]; e != nil {
		for _, mem := range s.members {
			for _, t := range mem.traits {
				if t.kind == "HTTPHeader" {
					e.headers = append(e.headers, binding{goName(mem.name), "header", t.text["Name"]})
				}
			}
		}
	}
}

// goName is the SDK's field name of a member.
func goName(member string) string {
	return strings.ToUpper(member[:1]) + member[1:]
}
