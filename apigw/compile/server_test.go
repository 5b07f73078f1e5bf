package compile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
)

// methods are what an API of a test has, by "VERB /path".
type methods map[string]types.Method

// define makes the definition of an API.
func define(ms methods) compile.REST {
	def := compile.REST{
		AccountID: "111122223333", Region: "eu-west-1",
		API:   types.RestApi{Id: aws.String("api1234567"), Name: aws.String("test")},
		Stage: types.Stage{StageName: aws.String("prod"), DeploymentId: aws.String("dep123")},
	}
	byPath := map[string]*types.Resource{}
	for key, m := range ms {
		verb, path, _ := strings.Cut(key, " ")
		if byPath[path] == nil {
			byPath[path] = &types.Resource{Id: aws.String("res" + path), Path: aws.String(path), ResourceMethods: map[string]types.Method{}}
		}
		if m.AuthorizationType == nil {
			m.AuthorizationType = aws.String("NONE")
		}
		byPath[path].ResourceMethods[verb] = m
	}
	for _, r := range byPath {
		def.Resources = append(def.Resources, *r)
	}
	return def
}

// A server serves one definition.
type server struct {
	t        *testing.T
	url      string
	warnings *bytes.Buffer
}

func serve(t *testing.T, def compile.REST, invoke invoker) *server {
	t.Helper()
	s := &server{t: t, warnings: &bytes.Buffer{}}
	stage, err := compile.BuildREST(def, compile.Deps{Invoker: invoke, Logger: slog.New(slog.NewTextHandler(s.warnings, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.url = publish(t, stage) + "/" + stage.Name
	return s
}

// publish serves stages of one API and returns the API's URL.
func publish(t *testing.T, stages ...*apigw.Stage) string {
	t.Helper()
	g := gateway.New(gateway.Options{})
	for _, s := range stages {
		g.Publish(s)
	}
	front := httptest.NewServer(g)
	t.Cleanup(front.Close)
	return front.URL + "/_aws/execute-api/" + stages[0].APIID
}

// An answer is what the client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request: headers are "Name: value".
func (s *server) call(verb, path, body string, headers ...string) answer {
	s.t.Helper()
	req, err := http.NewRequest(verb, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

const serverError = `{"message": "Internal server error"}`

// invoker runs functions by name.
type invoker map[string]func(call apigw.InvokeRequest) (payload string, failed bool)

func (i invoker) Invoke(_ context.Context, call apigw.InvokeRequest) (apigw.Invocation, error) {
	f := i[call.FunctionARN]
	if f == nil {
		return apigw.Invocation{}, fmt.Errorf("%w: %s", apigw.ErrFunctionNotFound, call.FunctionARN)
	}
	payload, failed := f(call)
	out := apigw.Invocation{RequestID: "r", StatusCode: 200, Payload: []byte(payload), ExecutedVersion: "$LATEST"}
	if failed {
		out.FunctionError = "Unhandled"
	}
	return out, nil
}

// An echo is what a backend that tells what it got has got.
type echo struct {
	Verb, Path, Query, Body string
	Header                  http.Header
}

func echoBackend(t *testing.T) string {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header()["X-Many"] = []string{"one", "two"}
		w.Header().Set("X-Backend", "here")
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return
		}
		if code := r.Header.Get("X-Status"); code != "" {
			var status int
			fmt.Sscan(code, &status)
			w.WriteHeader(status)
		}
		json.NewEncoder(w).Encode(echo{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header})
	}))
	t.Cleanup(backend.Close)
	return backend.URL
}

// echoed reads the backend's view out of an answer.
func (a answer) echoed(t *testing.T) (e echo) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatalf("status %d, body %s: %v", a.status, a.body, err)
	}
	return e
}

// ok is what most methods answer with: one method response and a default integration response.
func ok(r types.IntegrationResponse) (map[string]types.MethodResponse, map[string]types.IntegrationResponse) {
	return map[string]types.MethodResponse{"200": {StatusCode: aws.String("200")}},
		map[string]types.IntegrationResponse{"200": r}
}

// mock is a MOCK method with a request template and one response.
func mock(requestTemplate string, r types.IntegrationResponse) types.Method {
	i := types.Integration{Type: types.IntegrationTypeMock}
	if requestTemplate != "" {
		i.RequestTemplates = map[string]string{"application/json": requestTemplate}
	}
	m := types.Method{MethodIntegration: &i}
	m.MethodResponses, i.IntegrationResponses = ok(r)
	return m
}

func templates(s string) map[string]string { return map[string]string{"application/json": s} }
