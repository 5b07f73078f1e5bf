package openapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// paths are the resources that have methods, or nothing below them either, sorted.
func (w *writer) paths() *Node {
	out := NewObject()
	all := slices.Clone(w.Resources)
	slices.SortFunc(all, func(a, b Resource) int { return strings.Compare(a.Path, b.Path) })
	for _, r := range all {
		item := NewObject()
		for _, verb := range slices.Sorted(maps.Keys(r.Methods)) {
			key := strings.ToLower(verb)
			if verb == "ANY" {
				key = anyMethod
			}
			item.Set(key, w.method(r.Methods[verb]))
		}
		if len(item.Keys) > 0 || r.Leaf {
			out.add(r.Path, item)
		}
	}
	return out
}

func (w *writer) method(m types.Method) *Node {
	out := NewObject().Set("operationId", m.OperationName)
	parameters := w.parameters(m)
	if w.Swagger {
		out.Set("consumes", mediaTypes(m.RequestModels)).Set("produces", produces(m))
		parameters = append(parameters, bodies(w, m)...)
	}
	if len(parameters) > 0 {
		out.Set("parameters", parameters)
	}
	if !w.Swagger && len(m.RequestModels) > 0 {
		out.Set("requestBody", NewObject().Set("content", w.content(m.RequestModels)).Set("required", true))
	}
	responses := NewObject()
	for _, code := range sorted(m.MethodResponses) {
		responses.Set(code, w.response(code, m.MethodResponses[code]))
	}
	if w.Swagger || len(responses.Keys) > 0 {
		out.Set("responses", responses)
	}
	if need := security(m); need != nil {
		out.Set("security", need)
	}
	if w.APIGateway {
		out.Set(ext("request-validator"), m.RequestValidatorId)
	}
	if (w.Integrations || w.APIGateway) && m.MethodIntegration != nil {
		out.Set(ext("integration"), integration(*m.MethodIntegration))
	}
	if w.Postman && aws.ToString(m.AuthorizationType) == "AWS_IAM" {
		out.Set("x-postman-meta", w.postman())
	}
	return out
}

// postman tells Postman how to sign calls of a method. AWS says of its extension only that it is for
// import into Postman; this is what Postman's importers of OpenAPI documents read (their tests have
// documents of API Gateway).
func (w *writer) postman() *Node {
	return NewObject().Set("currentHelper", "awsSigV4").Set("helperAttributes", NewObject().Set("id", "awsSigV4").
		Set("accessKey", "{{aws_access_key_id}}").Set("secretKey", "{{aws_secret_access_key}}").
		Set("region", w.Region).Set("service", "execute-api"))
}

// mediaTypes are the content types of models, nil where there are none.
func mediaTypes(models map[string]string) any {
	if len(models) == 0 {
		return nil
	}
	return sorted(models)
}

// produces is the content types of all responses: Swagger has them by operation.
func produces(m types.Method) any {
	all := map[string]string{}
	for _, r := range m.MethodResponses {
		maps.Copy(all, r.ResponseModels)
	}
	return mediaTypes(all)
}

var swaggerLocations = map[string]string{"path": "path", "querystring": "query", "header": "header"}

func (w *writer) parameters(m types.Method) (out []*Node) {
	for _, key := range sorted(m.RequestParameters) {
		location, name, _ := strings.Cut(strings.TrimPrefix(key, "method.request."), ".")
		p := NewObject().Set("name", name).Set("in", swaggerLocations[location])
		if required := m.RequestParameters[key]; required || w.Swagger {
			p.Set("required", required || location == "path")
		}
		if w.Swagger {
			p.Set("type", "string")
		} else {
			p.Set("schema", NewObject().Set("type", "string"))
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b *Node) int { return strings.Compare(a.Get("name").Text, b.Get("name").Text) })
	return out
}

// bodies is the one body that Swagger has, of the first content type.
func bodies(w *writer, m types.Method) []*Node {
	for _, t := range sorted(m.RequestModels) {
		model := m.RequestModels[t]
		return []*Node{NewObject().Set("in", "body").Set("name", model).Set("required", true).Set("schema", w.ref(model))}
	}
	return nil
}

func (w *writer) content(models map[string]string) *Node {
	out := NewObject()
	for _, t := range sorted(models) {
		out.Set(t, NewObject().Set("schema", w.ref(models[t])))
	}
	return out
}

func (w *writer) response(code string, r types.MethodResponse) *Node {
	out := NewObject().Set("description", code+" response")
	headers := NewObject()
	for _, key := range sorted(r.ResponseParameters) {
		h := NewObject().Set("type", "string")
		if !w.Swagger {
			h = NewObject().Set("schema", h)
		}
		headers.Set(strings.TrimPrefix(key, "method.response.header."), h)
	}
	if !w.Swagger {
		return out.Set("headers", filled(headers)).Set("content", w.content(r.ResponseModels))
	}
	for _, t := range sorted(r.ResponseModels) {
		out.Set("schema", w.ref(r.ResponseModels[t]))
		break
	}
	return out.Set("headers", filled(headers))
}

const defaultTimeout = 29000

// integration is the extension with what is not as it is by default.
func integration(i types.Integration) *Node {
	out := NewObject().Set("type", strings.ToLower(string(i.Type))).Set("httpMethod", i.HttpMethod).Set("uri", i.Uri)
	out.Set("credentials", i.Credentials).Set("connectionType", connection(i)).Set("connectionId", i.ConnectionId)
	out.Set("integrationTarget", i.IntegrationTarget)
	responses := NewObject()
	for _, code := range sorted(i.IntegrationResponses) {
		r := i.IntegrationResponses[code]
		pattern := aws.ToString(r.SelectionPattern)
		if pattern == "" {
			pattern = "default"
		}
		responses.Set(pattern, integrationResponse(r))
	}
	out.Set("responses", filled(responses))
	out.Set("requestParameters", filledMap(i.RequestParameters)).Set("requestTemplates", filledMap(i.RequestTemplates))
	out.Set("passthroughBehavior", strings.ToLower(aws.ToString(i.PassthroughBehavior)))
	if i.TimeoutInMillis != defaultTimeout {
		out.Set("timeoutInMillis", i.TimeoutInMillis)
	}
	out.Set("cacheNamespace", i.CacheNamespace)
	if len(i.CacheKeyParameters) > 0 {
		out.Set("cacheKeyParameters", i.CacheKeyParameters)
	}
	out.Set("contentHandling", string(i.ContentHandling))
	if i.TlsConfig != nil {
		out.Set("tlsConfig", NewObject().Set("insecureSkipVerification", i.TlsConfig.InsecureSkipVerification))
	}
	return out.Set("responseTransferMode", string(i.ResponseTransferMode))
}

// connection is "" for the type that integrations have anyway.
func connection(i types.Integration) string {
	if i.ConnectionType == types.ConnectionTypeInternet {
		return ""
	}
	return string(i.ConnectionType)
}

func integrationResponse(r types.IntegrationResponse) *Node {
	return NewObject().Set("statusCode", r.StatusCode).
		Set("responseParameters", filledMap(r.ResponseParameters)).
		Set("responseTemplates", filledMap(r.ResponseTemplates)).
		Set("contentHandling", string(r.ContentHandling))
}

func filledMap(m map[string]string) *Node {
	if len(m) == 0 {
		return nil
	}
	return textMap(m)
}
