package apigateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// TestStage is the stage that a test invocation believes to be called through.
const TestStage = "test-invoke-stage"

// A Tester runs methods and authorizers that need not be deployed.
type Tester interface {
	// TestMethod calls the only method of a snapshot, whose Stage is made up.
	TestMethod(ctx context.Context, s Snapshot, call MethodCall) (MethodAnswer, error)
	// TestAuthorizer asks the only authorizer of a snapshot about a call.
	TestAuthorizer(ctx context.Context, s Snapshot, call MethodCall) (AuthorizerAnswer, error)
}

// A MethodCall is the request of a test invocation.
type MethodCall struct {
	Verb, Path, Query string // Path as given, so that it need not be the resource's
	Header            http.Header
	Names             map[string]string // of Header, as they were given
	Body              string
}

// A MethodAnswer is what a test invocation ends with.
type MethodAnswer struct {
	Status  int
	Header  http.Header // names in the case that was chosen
	Body    []byte
	Log     string
	Latency time.Duration
}

// TestInvokeMethod calls a method as it is now, deployed or not. No authorizer, API key, limit or cache
// is asked.
func (s *Service) TestInvokeMethod(ctx context.Context, in *sdk.TestInvokeMethodInput) (*sdk.TestInvokeMethodOutput, error) {
	if err := CheckVariables(in.StageVariables); err != nil {
		return nil, err
	}
	var snapshot Snapshot
	err := s.view(ctx, func(tx *store.Tx) (err error) {
		snapshot, err = readTest(tx, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	answer, err := s.tester.TestMethod(ctx, snapshot, testCall(in, *snapshot.Resources[0].Path))
	if err != nil {
		return nil, err
	}
	out := &sdk.TestInvokeMethodOutput{
		Status: int32(answer.Status), Body: aws.String(string(answer.Body)), Log: &answer.Log, Latency: answer.Latency.Milliseconds(),
		Headers: map[string]string{}, MultiValueHeaders: answer.Header,
	}
	for name, values := range answer.Header {
		out.Headers[name] = values[len(values)-1]
	}
	return out, nil
}

// readTest reads the API as it is now, with no other method than the one to test.
func readTest(tx *store.Tx, in *sdk.TestInvokeMethodInput) (Snapshot, error) {
	api, err := getAPI(tx, in.RestApiId)
	if err != nil {
		return Snapshot{}, err
	}
	resource, m, err := methodFor(tx, in)
	if err != nil {
		return Snapshot{}, err
	}
	if m.MethodIntegration == nil {
		return Snapshot{}, badRequest("No integration defined for method")
	}
	def, err := read(tx, api)
	if err != nil {
		return Snapshot{}, err
	}
	resource.ResourceMethods = map[string]types.Method{*m.HttpMethod: m}
	def.Resources = []types.Resource{resource}
	s, err := snapshotOf(tx, def, types.Stage{
		StageName: aws.String(TestStage), Variables: in.StageVariables, ClientCertificateId: in.ClientCertificateId,
	})
	if errors.Is(err, store.ErrNotFound) {
		return s, badRequest("Invalid client certificate identifier specified")
	}
	return s, err
}

// methodFor is the method that would serve the verb: its own, else ANY.
func methodFor(tx *store.Tx, in *sdk.TestInvokeMethodInput) (types.Resource, types.Method, error) {
	d, err := getResource(tx, in.RestApiId, in.ResourceId)
	if err != nil {
		return types.Resource{}, types.Method{}, err
	}
	m, ok := d.Value.ResourceMethods[aws.ToString(in.HttpMethod)]
	if !ok {
		m, ok = d.Value.ResourceMethods["ANY"]
	}
	if !ok {
		return d.Value, m, notFound("Invalid Method identifier specified")
	}
	return d.Value, m, nil
}

// testCall is the request of a test. Without a path it is the resource's own, so that a parameter's
// value is its name in braces (recorded).
func testCall(in *sdk.TestInvokeMethodInput, resourcePath string) MethodCall {
	call := MethodCall{Verb: *in.HttpMethod, Path: resourcePath, Body: aws.ToString(in.Body), Header: http.Header{}, Names: map[string]string{}}
	if p := aws.ToString(in.PathWithQueryString); p != "" {
		call.Path, call.Query, _ = strings.Cut(p, "?")
	}
	set := func(name string, values []string) {
		canonical := http.CanonicalHeaderKey(name)
		call.Header[canonical], call.Names[canonical] = values, name
	}
	for name, value := range in.Headers {
		set(name, []string{value})
	}
	for name, values := range in.MultiValueHeaders {
		set(name, values)
	}
	return call
}
