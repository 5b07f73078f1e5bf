package emulator_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

// put adds a resource with a method that answers "open" and the body it got.
func (m *mockAPI) put(t *testing.T, path, verb string) {
	t.Helper()
	r, err := m.gw.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: m.id, ParentId: m.root, PathPart: &path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.gw.PutMethod(t.Context(), &apigateway.PutMethodInput{
		RestApiId: m.id, ResourceId: r.Id, HttpMethod: &verb, AuthorizationType: aws.String("NONE"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.gw.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{
		RestApiId: m.id, ResourceId: r.Id, HttpMethod: &verb, StatusCode: aws.String("200"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.gw.PutIntegration(t.Context(), &apigateway.PutIntegrationInput{
		RestApiId: m.id, ResourceId: r.Id, HttpMethod: &verb,
		Type: types.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.gw.PutIntegrationResponse(t.Context(), &apigateway.PutIntegrationResponseInput{
		RestApiId: m.id, ResourceId: r.Id, HttpMethod: &verb, StatusCode: aws.String("200"),
		ResponseTemplates: map[string]string{"application/json": "open $input.body"},
	}); err != nil {
		t.Fatal(err)
	}
}

// What a policy denies is denied however the path is spelled: the router takes all spellings for
// one resource.
func TestADenialHoldsForEverySpellingOfAPath(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "open")
	m.put(t, "admin", "ANY")
	m.guard(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"},
		{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/GET/admin"}]}`)
	for _, path := range []string{"/admin", "/admin/", "//admin", "/%61dmin", "/adm%69n/", "/admin//"} {
		if status, body := get(t, m.invokeURL(path)); status != 403 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := get(t, m.invokeURL("/")); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	// Nor does another spelling of the verb help: ANY stands for the seven verbs that methods can have.
	for _, verb := range []string{"get", "Get", "PROPFIND", "ANY"} {
		req, err := http.NewRequestWithContext(t.Context(), verb, m.invokeURL("/admin"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := answerOf(t, req); got != `403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}` {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

// A signature is of what came over the wire.
func TestACompressedBodyIsVerifiedAsItWasSigned(t *testing.T) {
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	m := s.createMock(t, "unused")
	m.put(t, "in", "POST")
	page, err := m.gw.GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: m.id})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Items {
		if *r.Path == "/in" {
			_, err = m.gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: m.id, ResourceId: r.Id, HttpMethod: aws.String("POST"),
				PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/authorizationType"), Value: aws.String("AWS_IAM")}}})
		}
	}
	if err == nil {
		_, err = m.gw.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: m.id,
			PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/minimumCompressionSize"), Value: aws.String("100000")}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	alice := createUser(t, s.aws(), "alice", strings.Replace(invokeAllowed, "/s/GET/", "/s/POST/in", 1))
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, `{"a":1}`)
	z.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.invokeURL("/in"), bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Md5", "signed-as-well")
	sum := sha256.Sum256(b.Bytes())
	if err := v4.NewSigner().SignHTTP(t.Context(), alice, req, hex.EncodeToString(sum[:]), "execute-api", "us-east-1", clock.Now()); err != nil {
		t.Fatal(err)
	}
	if got := answerOf(t, req); !strings.HasPrefix(got, "200 ") {
		t.Error(got)
	}
}
