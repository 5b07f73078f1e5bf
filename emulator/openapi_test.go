package emulator_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
	"postern/emulator/wire/sigv4"
)

const imported = `{"openapi": "3.0.1", "info": {"title": "pets", "version": "1"}, "paths": {
  "/pets/{petId}": {"get": {
    "parameters": [{"name": "petId", "in": "path", "required": true, "schema": {"type": "string"}}, {"name": "page", "in": "query", "schema": {"type": "string"}}],
    "responses": {"200": {"description": "ok"}},
    "x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
      "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{\"pet\": \"$input.params('petId')\", \"page\": \"$input.params('page')\", \"key\": \"$context.identity.accessKey\"}"}}}}}},
  "/signed": {"post": {"security": [{"sigv4": []}],
    "responses": {"200": {"description": "ok"}},
    "x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
      "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{\"key\": \"$context.identity.accessKey\"}"}}}}}}},
  "components": {"securitySchemes": {"sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}}}}`

// deployDocument imports and deploys a document, and returns the API's id.
func (s *server) deployDocument(t *testing.T, document string) (*apigateway.Client, *string) {
	t.Helper()
	gw := apigateway.NewFromConfig(s.aws())
	api, err := gw.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(document)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	return gw, api.Id
}

func TestAnImportedAPIIsServedAndMerged(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	gw, id := s.deployDocument(t, imported)
	at := s.url("/_aws/execute-api/" + *id + "/s/pets/rex?page=2")
	if status, body := get(t, at); status != 200 || !strings.Contains(body, `"pet": "rex", "page": "2"`) {
		t.Errorf("%d %s", status, body)
	}
	export, err := gw.GetExport(t.Context(), &apigateway.GetExportInput{
		RestApiId: id, StageName: aws.String("s"), ExportType: aws.String("swagger"), Parameters: map[string]string{"extensions": "apigateway"},
	})
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(export.Body, []byte(`\"pet\"`), []byte(`\"animal\"`))
	_, err = gw.PutRestApi(t.Context(), &apigateway.PutRestApiInput{RestApiId: id, Body: changed, Mode: types.PutModeOverwrite})
	if err != nil {
		t.Fatal(err)
	}
	if _, body := get(t, at); !strings.Contains(body, `"pet": "rex"`) {
		t.Errorf("before the deployment: %s", body)
	}
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: id, StageName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, at); status != 200 || !strings.Contains(body, `"animal": "rex", "page": "2"`) {
		t.Errorf("%d %s", status, body)
	}
}

const useClient = `
const client = require('./apigClient.js').newClient({ invokeUrl: process.argv[2], accessKey: process.argv[3], secretKey: process.argv[4], region: 'us-east-1' });
(async () => {
  const out = [];
  out.push((await client.petsPetIdGet({ petId: 'a b/ü', page: "x'y" }, undefined, { headers: { 'X-A': ' b  c ' } })).data);
  try { out.push((await client.signedPost({}, { some: 'body' })).data); } catch (e) { out.push(e.response.status); }
  console.log(JSON.stringify(out));
})();
`

func TestTheJavaScriptSDKCallsAStage(t *testing.T) {
	needProgram(t, "node")
	s := start(t, emulator.Config{Lambda: processes(t)})
	gw, id := s.deployDocument(t, imported)
	out, err := gw.GetSdk(t.Context(), &apigateway.GetSdkInput{RestApiId: id, StageName: aws.String("s"), SdkType: aws.String("javascript")})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	unzipSDK(t, out.Body, dir)
	script := filepath.Join(dir, "apiGateway-js-sdk", "use.js")
	if err := os.WriteFile(script, []byte(useClient), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(at, key, secret string) (answers []any) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "node", script, at, key, secret)
		cmd.Stderr = testWriter{t}
		text, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &answers); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		return answers
	}
	answers := run(s.url("/_aws/execute-api/"+*id+"/s"), "", "")
	if pet, _ := answers[0].(map[string]any); pet["pet"] != "a b/ü" || pet["page"] != "x'y" {
		t.Error(answers[0])
	}
	if answers[1] == 200 {
		t.Error("what has to be signed was answered without")
	}
	ada := createUser(t, s.aws(), "ada", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}}`)
	for secret, want := range map[string]string{ada.SecretAccessKey: `{"key":"` + ada.AccessKeyID + `"}`, "wrong": `403`} {
		answers := run(s.url("/_aws/execute-api/"+*id+"/s"), ada.AccessKeyID, secret)
		if got, _ := json.Marshal(answers[1]); string(got) != want {
			t.Errorf("a signed method answers %s, want %s", got, want)
		}
	}
	at := verifying(t)
	for secret, want := range map[string]string{"secret": `["signed","signed"]`, "wrong": `["refused","refused"]`} {
		if got, _ := json.Marshal(run(at+"/a b", "AKIAPOSTERN000000001", secret)); string(got) != want {
			t.Errorf("with the secret %q: %s", secret, got)
		}
	}
}

// verifying is a server that says whether requests are signed.
func verifying(t *testing.T) string {
	v := sigv4.Verifier{
		Secret: func(context.Context, string) (string, bool) { return "secret", true },
		Now:    time.Now, Skew: time.Minute, Service: "execute-api",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = v.Verify(r.Context(), r, body)
		}
		if err != nil {
			t.Log(err)
			io.WriteString(w, `"refused"`)
			return
		}
		io.WriteString(w, `"signed"`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func unzipSDK(t *testing.T, body []byte, dir string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
