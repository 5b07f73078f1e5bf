package httpapi

import (
	"errors"
	"fmt"
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// A source finds what a reference without its $ stands for, nil for nothing that there is.
type source func(name string) (apigw.Value, error)

var errNoSource = errors.New("is no reference that mappings know")

func requestValue(name string) (apigw.Value, error) {
	group, of, _ := strings.Cut(strings.TrimPrefix(name, "request."), ".")
	switch {
	case !strings.HasPrefix(name, "request."):
		return commonValue(name)
	case group == "body":
		return bodyValue(of, "method.request.body", integration.RequestValue)
	case group == "path" && of == "":
		return func(x *apigw.Exchange) []string { return []string{x.Request.Path} }, nil
	case group == "path":
		return integration.RequestValue("method.request.path." + of)
	case of != "" && (group == "header" || group == "querystring"):
		return integration.RequestValue("method.request.multivalue" + group + "." + of)
	}
	return nil, errNoSource
}

func responseValue(name string) (apigw.Value, error) {
	group, of, _ := strings.Cut(strings.TrimPrefix(name, "response."), ".")
	switch {
	case !strings.HasPrefix(name, "response."):
		return commonValue(name)
	case group == "body":
		return bodyValue(of, "integration.response.body", integration.ResponseValue)
	case group == "header" && of != "":
		return integration.ResponseValue("integration.response.multivalueheader." + of)
	}
	return nil, errNoSource
}

// commonValue is what requests and responses may take from.
func commonValue(name string) (apigw.Value, error) {
	for _, root := range []string{"context.", "stageVariables."} {
		if strings.HasPrefix(name, root) && len(name) > len(root) {
			return integration.RequestValue(name)
		}
	}
	return nil, errNoSource
}

// maxPathBody is where AWS cuts a body off before it looks for a path in it; what is cut off is no
// JSON any more.
const maxPathBody = 100 << 10

// bodyValue is the whole body, or what a JSONPath leads to. Descents and filters are refused.
func bodyValue(path, body string, compile func(string) (apigw.Value, error)) (apigw.Value, error) {
	if path == "" {
		return compile(body)
	}
	if strings.Contains("."+path, "..") || strings.Contains(path, "?(") {
		return nil, fmt.Errorf("%q: recursive descent and filter expressions are not supported", path)
	}
	v, err := compile(body + "." + path)
	if err != nil {
		return nil, err
	}
	of := func(x *apigw.Exchange) []byte { return x.Request.Body }
	if strings.HasPrefix(body, "integration.") {
		of = func(x *apigw.Exchange) []byte { return x.Endpoint.Response.Body }
	}
	return func(x *apigw.Exchange) []string {
		if len(of(x)) > maxPathBody {
			return nil
		}
		return v(x)
	}, nil
}
