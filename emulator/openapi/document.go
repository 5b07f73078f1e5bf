package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Limits on what is read.
const (
	maxSize     = 2 << 20 // AWS's (API Gateway quotas, "API definition import")
	maxDepth    = 200
	maxExpanded = 32 << 20 // about how many bytes it is with all aliases and references written out
	maxMerged   = 1 << 18  // keys that "<<" adds
	maxHops     = 32       // of a $ref to another one
)

func errExpanded(line int) error {
	return fmt.Errorf("line %d: the aliases stand for too much", line)
}

func errDepth(line int) error {
	return fmt.Errorf("line %d: nested deeper than %d levels", line, maxDepth)
}

// ErrSyntax is the error of what is no document at all.
var ErrSyntax = errors.New("no OpenAPI document")

// Refusal is all that AWS says of what is no document (recorded). Unlike AWS, Postern says in which line it
// is broken.
func Refusal(err error) string {
	text := "Invalid OpenAPI input."
	if _, why, ok := strings.Cut(err.Error(), ErrSyntax.Error()+": line "); ok {
		text += " Line " + why
	}
	return text
}

// A Document is a Swagger 2.0 or OpenAPI 3.0 document.
type Document struct {
	Root    *Node
	Swagger bool // 2.0, else OpenAPI 3.0

	spent int // of maxExpanded, by what is used again and again
}

// errSpent ends the reading of a document.
var errSpent = errors.New("the references stand for too much")

func (d *Document) spend(size int) error {
	if d.spent += size; d.spent > maxExpanded {
		return errSpent
	}
	return nil
}

// Read reads a document in JSON or YAML. OpenAPI 3.1 is refused, as by AWS (seen by users). Its errors are ErrSyntax, with what is wrong and where.
func Read(body []byte) (*Document, error) {
	root, err := ReadNode(body)
	if err != nil {
		return nil, err
	}
	switch {
	case root.Get("swagger").version("2."):
		return &Document{Root: root, Swagger: true}, nil
	case root.Get("openapi").version("3.0."), root.Get("openapi").Is(Number) && root.Get("openapi").Text == "3": // 3.0 in YAML
		return &Document{Root: root}, nil
	}
	return nil, fmt.Errorf("%w: it is neither Swagger 2.0 nor OpenAPI 3.0", ErrSyntax)
}

// version says whether a node is a version that begins so; YAML may take it for a number.
func (n *Node) version(prefix string) bool {
	text, _ := n.Scalar()
	return strings.HasPrefix(text+".", prefix)
}

// ReadNode reads any JSON or YAML object within the limits, or returns ErrSyntax.
func ReadNode(body []byte) (*Node, error) {
	if len(body) > maxSize {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrSyntax, maxSize)
	}
	parse := parseYAML
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		parse = parseJSON
	}
	root, err := parse(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if !root.Is(Object) {
		return nil, fmt.Errorf("%w: it is no object", ErrSyntax)
	}
	return root, nil
}

// Resolve follows $refs inside of the document until there is something else.
func (d *Document) Resolve(n *Node) (*Node, error) {
	if !n.Get("$ref").Is(String) {
		return n, nil
	}
	for hops := 0; n.Get("$ref").Is(String); hops++ {
		ref := n.Get("$ref").Text
		if hops == maxHops {
			return nil, fmt.Errorf("reference %s is cyclic", ref)
		}
		path, local := strings.CutPrefix(ref, "#/")
		if !local {
			return nil, fmt.Errorf("reference %s is not inside of the document", ref)
		}
		n = d.Root
		for part := range strings.SplitSeq(path, "/") {
			n = n.Get(unescapePointer(part))
		}
		if n == nil {
			return nil, fmt.Errorf("reference %s leads nowhere", ref)
		}
	}
	return n, d.spend(n.size)
}

var pointer = strings.NewReplacer("~1", "/", "~0", "~")

func unescapePointer(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		part = plain
	}
	return pointer.Replace(part)
}

// component is a map of definitions that the versions keep in different places.
func (d *Document) component(swagger, openapi string) *Node {
	if d.Swagger {
		return d.Root.Get(swagger)
	}
	return d.Root.Get("components").Get(openapi)
}

// Schemas are the named schemas.
func (d *Document) Schemas() *Node { return d.component("definitions", "schemas") }

// SecuritySchemes are the named ways to authenticate.
func (d *Document) SecuritySchemes() *Node {
	return d.component("securityDefinitions", "securitySchemes")
}

// BasePath is the path below which all of the API's paths are: "" or /a/b.
func (d *Document) BasePath() string {
	path := d.Root.Get("basePath").String()
	if !d.Swagger {
		path = ""
		if servers := d.Root.Get("servers"); servers.Is(Array) && len(servers.Values) > 0 {
			path = serverPath(servers.Values[0])
		}
	}
	if path = strings.Trim(path, "/"); path != "" {
		path = "/" + path
	}
	return path
}

// serverPath is the path of a server's URL with the defaults of its variables.
func serverPath(server *Node) string {
	address := server.Get("url").String()
	variables := server.Get("variables")
	if variables.Is(Object) {
		for i, name := range variables.Keys {
			value, _ := variables.Values[i].Get("default").Scalar()
			address = strings.ReplaceAll(address, "{"+name+"}", strings.TrimPrefix(value, "/"))
		}
	}
	if _, rest, ok := strings.Cut(address, "://"); ok {
		_, address, _ = strings.Cut(rest, "/")
	}
	return address
}

const anyMethod = "x-amazon-apigateway-any-method"

var operationKeys = []string{"get", "put", "post", "delete", "options", "head", "patch", anyMethod}

// An Operation is one of a document's paths with one verb.
type Operation struct {
	Path, Verb string // the verb in upper case, ANY for any-method
	Node       *Node
	Shared     *Node // the parameters of the path
}

// A Path is one of a document's paths.
type Path struct {
	Path       string
	Operations []Operation
}

// Paths are the document's paths, with all problems they have.
func (d *Document) Paths(problem func(format string, args ...any)) (all []Path) {
	paths := d.Root.Get("paths")
	if !paths.Is(Object) {
		return nil
	}
	for i, path := range paths.Keys {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		item, err := d.Resolve(paths.Values[i])
		switch {
		case err != nil:
			problem("Unable to read path '%s' in line %d: %v", path, paths.Values[i].Line, err)
		case !item.Is(Object):
			problem("Unable to read path '%s' in line %d: it is no object", path, paths.Values[i].Line)
		default:
			all = append(all, Path{Path: path, Operations: operations(path, item, problem)})
		}
	}
	return all
}

func operations(path string, item *Node, problem func(string, ...any)) (all []Operation) {
	for i, key := range item.Keys {
		if !slices.Contains(operationKeys, key) {
			continue
		}
		o := Operation{Path: path, Verb: strings.ToUpper(key), Node: item.Values[i], Shared: item.Get("parameters")}
		if key == anyMethod {
			o.Verb = "ANY"
		}
		if !o.Node.Is(Object) {
			problem("Unable to read method '%s' on resource at path '%s' in line %d: it is no object", o.Verb, path, o.Node.Line)
			continue
		}
		all = append(all, o)
	}
	return all
}
