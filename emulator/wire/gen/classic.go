package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// readClassic reads serializers.go and deserializers.go, whose functions are
// named for the shape they (de)serialize: awsRestjson1_serializeOpDocumentX….
func readClassic(src *source, m *model) error {
	var err error
	src.funcs("serializers.go", func(fd *ast.FuncDecl) {
		if e := classicSerializer(m, fd); e != nil && err == nil {
			err = e
		}
	})
	src.funcs("deserializers.go", func(fd *ast.FuncDecl) { classicDeserializer(m, fd) })
	return err
}

// protocols are the prefixes of generated functions, by protocol.
var protocols = map[string]string{"awsRestjson1_": "restJSON", "awsAwsquery_": "awsQuery", "awsAwsjson11_": "json11"}

// shape strips the protocol's prefix off a function or receiver name.
func (m *model) shape(name string) (string, bool) {
	for prefix, p := range protocols {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			m.protocol = p
			return rest, true
		}
	}
	return "", false
}

func classicSerializer(m *model, fd *ast.FuncDecl) error {
	if fd.Name.Name == "HandleSerialize" {
		if n, ok := m.shape(receiver(fd)); ok {
			classicOperation(m, m.op(strings.TrimPrefix(n, "serializeOp")), fd)
		}
		return nil
	}
	n, ok := m.shape(fd.Name.Name)
	if !ok {
		return nil
	}
	if op, ok := strings.CutPrefix(n, "serializeOpHttpBindings"); ok {
		classicRequestBindings(m.op(strings.TrimSuffix(op, "Input")), fd)
		return nil
	}
	n = strings.TrimPrefix(strings.TrimPrefix(n, "serializeOpDocument"), "serializeDocument")
	classicMembers(m, n, fd)
	return classicLists(m, n, fd)
}

// classicOperation reads the method, the URI and the payload member.
func classicOperation(m *model, op *operation, fd *ast.FuncDecl) {
	ast.Inspect(fd, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if ok && typeName(a.Lhs[0]) == "Method" {
			op.method = text(a.Rhs[0])
		}
		return true
	})
	calls(fd, func(name string, c *ast.CallExpr) {
		switch {
		case name == "SplitURI":
			op.uri = text(c.Args[0])
		case name == "NewReader" && selected(c, "input") != "":
			op.bind(&op.in, selected(c, "input"), "payload", "")
		case name == "SetStream" && selected(c, "input") != "":
			op.bind(&op.in, selected(c, "input"), "payload", "")
		case name == "String" && m.protocol == "awsQuery" && isKey(c, "Version"):
			m.version = text(c.Args[0])
		}
	})
}

// isKey tells whether c is body.Key(key).String(…).
func isKey(c *ast.CallExpr, key string) bool {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	k, ok := s.X.(*ast.CallExpr)
	return ok && typeName(k.Fun) == "Key" && text(k.Args[0]) == key
}

// classicRequestBindings reads the label, query and header members of an input.
func classicRequestBindings(op *operation, fd *ast.FuncDecl) {
	for _, st := range fd.Body.List {
		i, ok := st.(*ast.IfStmt)
		if !ok {
			continue
		}
		field := selected(i.Cond, "v")
		if field == "" {
			continue
		}
		header := ""
		ast.Inspect(i.Body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && text(a.Rhs[0]) != "" {
				header = text(a.Rhs[0])
			}
			return true
		})
		calls(i.Body, func(name string, c *ast.CallExpr) {
			switch name {
			case "SetURI":
				op.bind(&op.in, field, "label", text(c.Args[0]))
			case "SetQuery", "AddQuery":
				if key := text(c.Args[0]); key != "" {
					op.bind(&op.in, field, "query", key)
				} else {
					op.bind(&op.in, field, "queryMap", "")
				}
			case "SetHeader":
				op.bind(&op.in, field, "header", header)
			}
		})
	}
}

// classicMembers reads the wire names of a struct's members: every block that
// starts with x := object.Key("name") and uses v.Field.
func classicMembers(m *model, shape string, fd *ast.FuncDecl) {
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		b, ok := n.(*ast.BlockStmt)
		if !ok || len(b.List) == 0 {
			return true
		}
		a, ok := b.List[0].(*ast.AssignStmt)
		if !ok || len(a.Rhs) != 1 {
			return true
		}
		c, ok := a.Rhs[0].(*ast.CallExpr)
		if !ok || typeName(c.Fun) != "Key" || len(c.Args) != 1 {
			return true
		}
		m.member(shape, selected(b, "v"), text(c.Args[0]))
		return true
	})
	// A union's serializer: case *types.XMemberY: av := object.Key("y").
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok || len(c.List) != 1 || !strings.Contains(typeName(c.List[0]), "Member") {
			return true
		}
		calls(c, func(name string, call *ast.CallExpr) {
			if name == "Key" && len(call.Args) == 1 {
				m.union(shape, text(call.Args[0]), typeName(c.List[0]))
			}
		})
		return true
	})
}

// classicLists refuses list and map forms of the query protocol that the codec
// does not write: it knows member.N and entry.N.key/value only.
func classicLists(m *model, shape string, fd *ast.FuncDecl) (err error) {
	if m.protocol != "awsQuery" {
		return nil
	}
	calls(fd, func(name string, c *ast.CallExpr) {
		switch {
		case name == "FlatKey",
			name == "Array" && len(c.Args) == 1 && text(c.Args[0]) != "member",
			name == "Map" && len(c.Args) == 2 && (text(c.Args[0]) != "key" || text(c.Args[1]) != "value"):
			err = fmt.Errorf("%s: a list or map form the query codec does not know", shape)
		}
	})
	return err
}

func classicDeserializer(m *model, fd *ast.FuncDecl) {
	n, ok := m.shape(fd.Name.Name)
	if !ok {
		return
	}
	if shape, ok := strings.CutPrefix(n, "deserializeOpHttpBindings"); ok {
		classicResponseBindings(m, shape, fd)
		return
	}
	if shape, ok := strings.CutPrefix(n, "deserializeError"); ok {
		m.err(shape)
		return
	}
	if shape, ok := strings.CutPrefix(n, "deserializeOpDocument"); ok && has(fd.Body, "ReadFrom") {
		op := m.op(strings.TrimSuffix(shape, "Output"))
		op.bind(&op.out, selected(fd.Body, "v"), "payload", "")
		return
	}
	shape := strings.TrimPrefix(strings.TrimPrefix(n, "deserializeOpDocument"), "deserializeDocument")
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CaseClause)
		if !ok || len(c.List) == 0 || caseName(c) == "" {
			return true
		}
		field := selected(c, "sv")
		m.member(shape, field, caseName(c))
		switch {
		case has(c, "ParseEpochSeconds"):
			m.time(shape, field, "epoch")
		case has(c, "ParseDateTime"):
			m.time(shape, field, "iso8601")
		case has(c, "ParseHTTPDate"):
			m.time(shape, field, "httpDate")
		}
		return false
	})
}

// caseName is the wire name of case "x": or case strings.EqualFold("x", …):.
func caseName(c *ast.CaseClause) string {
	if call, ok := c.List[0].(*ast.CallExpr); ok && typeName(call.Fun) == "EqualFold" {
		return text(call.Args[0])
	}
	return text(c.List[0])
}

// classicResponseBindings reads header members of an output or an error.
func classicResponseBindings(m *model, shape string, fd *ast.FuncDecl) {
	for _, st := range fd.Body.List {
		switch st := st.(type) {
		case *ast.IfStmt:
			if st.Init == nil {
				continue
			}
			calls(st.Init, func(name string, c *ast.CallExpr) {
				if name == "Values" {
					m.responseBinding(shape, selected(st.Body, "v"), "header", text(c.Args[0]))
				}
			})
		case *ast.AssignStmt:
			if has(st, "Int32") || strings.Contains(typeName(st.Rhs[0]), "StatusCode") {
				m.responseBinding(shape, selected(st, "v"), "statusCode", "")
			}
		}
	}
}

// responseBinding records a binding of an XOutput or of an exception.
func (m *model) responseBinding(shape, field, kind, name string) {
	if op, ok := strings.CutSuffix(shape, "Output"); ok && m.ops[op] != nil {
		m.ops[op].bind(&m.ops[op].out, field, kind, name)
		return
	}
	e := m.err(shape)
	e.headers = append(e.headers, binding{field, kind, name})
}
