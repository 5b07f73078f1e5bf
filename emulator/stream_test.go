package emulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

// createNodeFunction makes a function of an ES module that exports handle.
func (s *server) createNodeFunction(t *testing.T, name, source string) string {
	t.Helper()
	needProgram(t, "node")
	return s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: lambdatypes.RuntimeNodejs22x, Handler: aws.String("handler.handle"), Timeout: aws.Int32(20),
		Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"handler.mjs": []byte(source)})},
	})
}

// streamSource is a function that streams, and goes on when a file appears: the test makes it when it
// has got what came before.
const streamSource = `
import fs from 'node:fs';
export const handle = awslambda.streamifyResponse(async (event, stream, context) => {
  const query = event.queryStringParameters ?? event;
  if (query.early) throw new Error('early');
  const to = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'X-One': 'a' }, cookies: ['c=1', 'd=2'] });
  to.write('first ');
  while (!fs.existsSync(query.gate)) await new Promise((done) => setTimeout(done, 5));
  if (query.late) throw new Error('late');
  to.write('last');
  to.end();
});`

// streamProxy puts a function behind GET / of an API whose integration streams.
func (s *server) streamProxy(t *testing.T, arn string) *mockAPI {
	t.Helper()
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), ResponseTransferMode: types.ResponseTransferModeStream,
		Uri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/" + arn + "/response-streaming-invocations"),
	})
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	return m
}

// open calls GET and returns when the head of the answer is there.
func open(t *testing.T, url string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func readExactly(t *testing.T, r io.Reader, want string) {
	t.Helper()
	b := make([]byte, len(want))
	if _, err := io.ReadFull(r, b); err != nil || string(b) != want {
		t.Fatalf("read %q, %v, want %q", b, err, want)
	}
}

func makeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLambdaProxyStreams(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	m := s.streamProxy(t, s.createNodeFunction(t, "stream", streamSource))
	gate := filepath.Join(t.TempDir(), "gate")

	res := open(t, m.invokeURL("/?gate="+gate))
	if got := res.Header; res.StatusCode != 201 || got.Get("X-One") != "a" || strings.Join(got.Values("Set-Cookie"), ";") != "c=1;d=2" || res.ContentLength >= 0 {
		t.Errorf("%s %v", res.Status, got)
	}
	readExactly(t, res.Body, "first ") // before the function may go on
	makeFile(t, gate)
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "last" {
		t.Errorf("rest %q, %v", rest, err)
	}

	if status, body := get(t, m.invokeURL("/?early=1")); status != 502 || !strings.Contains(body, "Internal server error") {
		t.Errorf("failed before the first byte: %d %s", status, body)
	}
	res = open(t, m.invokeURL("/?late=1&gate="+gate))
	if rest, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("failed after the first byte: %q, %v", rest, err)
	}
	if status, body := get(t, m.invokeURL("/?gate="+gate)); status != 201 || body != "first last" {
		t.Errorf("the sandbox is of use again: %d %s", status, body)
	}
}

func TestAFunctionThatDoesNotStreamSendsThePreludeItself(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	m := s.streamProxy(t, s.createPythonFunction(t, "plain", "def handle(event, context):\n    return {'statusCode': 200}\n"))
	if status, body := get(t, m.invokeURL("/")); status != 502 {
		t.Errorf("no delimiter: %d %s", status, body)
	}
}

func TestInvokeWithResponseStream(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	s.createNodeFunction(t, "stream", `export const handle = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  for (const word of event.words) stream.write(word);
  if (event.fail) throw new TypeError('half-way');
  stream.end();
});`)
	s.createNodeFunction(t, "plain", `export const handle = async (event) => event;`)
	invoke := func(function, payload string) (chunks, code string) {
		t.Helper()
		out, err := lambda.NewFromConfig(s.aws()).InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{
			FunctionName: &function, Payload: []byte(payload), LogType: lambdatypes.LogTypeTail,
		})
		if err != nil {
			t.Fatal(err)
		}
		events := out.GetStream()
		defer events.Close()
		for e := range events.Events() {
			switch e := e.(type) {
			case *lambdatypes.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				chunks += string(e.Value.Payload)
			case *lambdatypes.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				code = aws.ToString(e.Value.ErrorCode) + " " + aws.ToString(e.Value.ErrorDetails)
				if aws.ToString(e.Value.LogResult) == "" {
					t.Error("no log")
				}
			}
		}
		if err := events.Err(); err != nil {
			t.Error(err)
		}
		return chunks, strings.TrimSpace(code)
	}
	if chunks, code := invoke("stream", `{"words": ["a", "b", "c"]}`); chunks != "abc" || code != "" {
		t.Errorf("%q %s", chunks, code)
	}
	if chunks, code := invoke("stream", `{"words": ["a"], "fail": true}`); chunks != "a" || !strings.HasPrefix(code, "Unhandled") || !strings.Contains(code, "half-way") {
		t.Errorf("%q %s", chunks, code)
	}
	if chunks, code := invoke("plain", `{"x": 1}`); chunks != `{"x":1}` || code != "" {
		t.Errorf("%q %s", chunks, code)
	}
}

func TestHTTPProxyStreams(t *testing.T) {
	gate := make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Back", "end")
		io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		if r.URL.Query().Has("cut") {
			panic(http.ErrAbortHandler)
		}
		<-gate
		io.WriteString(w, strings.Repeat("x", 11<<20)) // more than a buffered answer may have
	}))
	defer backend.Close()
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), ResponseTransferMode: types.ResponseTransferModeStream, Uri: &backend.URL,
	})
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	for range 2 { // the second over the connection of the first
		res := open(t, m.invokeURL("/"))
		if res.StatusCode != 200 || res.Header.Get("X-Back") != "end" {
			t.Errorf("%s %v", res.Status, res.Header)
		}
		readExactly(t, res.Body, "first ")
		gate <- struct{}{}
		if rest, err := io.ReadAll(res.Body); err != nil || len(rest) != 11<<20 {
			t.Errorf("%d bytes, %v", len(rest), err)
		}
	}
	res := open(t, m.invokeURL("/?cut=1"))
	if rest, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut off: %q, %v", rest, err)
	}
}

func TestABackendThatRefusesAStreamIsA504(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "")
	m.integrate(t, &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeHttpProxy, IntegrationHttpMethod: aws.String("GET"), ResponseTransferMode: types.ResponseTransferModeStream,
		Uri: aws.String("http://" + l.Addr().String()),
	})
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	if status, body := get(t, m.invokeURL("/")); status != 504 {
		t.Errorf("%d %s", status, body)
	}
}

// AWS's Go runtime client sends all answers in chunks and does not say which it streams.
func TestAGoFunctionStreamsInEverySandbox(t *testing.T) {
	program := goProgram(t, "stream")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t), RelaxedPermissions: true})
			m := s.streamProxy(t, s.createFunction(t, &lambda.CreateFunctionInput{
				FunctionName: aws.String("go"), Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"), Timeout: aws.Int32(20),
				Code: &lambdatypes.FunctionCode{ZipFile: packed(t, map[string][]byte{"bootstrap": program})},
			}))
			query, goOn := "", func() {}
			if name == "process" { // a container does not see the file
				gate := filepath.Join(t.TempDir(), "gate")
				query, goOn = "?gate="+gate, func() { makeFile(t, gate) }
			}
			res := open(t, m.invokeURL("/"+query))
			if res.StatusCode != 202 || res.Header.Get("X-From") != "go" {
				t.Errorf("%s %v", res.Status, res.Header)
			}
			readExactly(t, res.Body, "first ")
			goOn()
			if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "last" {
				t.Errorf("rest %q, %v", rest, err)
			}
		})
	}
}
