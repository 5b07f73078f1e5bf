package invoke

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"postern/emulator"
	"postern/emulator/conformance"
)

var update = flag.Bool("update", false, "rewrite the responses in testdata")

// Each file in testdata asks a question, names the source of the answer, and has steps in order:
//
//	function NAME   the source of a Python function; ${NAME.uri} is what an integration names
//	api             an OpenAPI document, imported and deployed to the stage "s"; ${api.id} is its id
//	NAME = OPERATION, OPERATION   a call of API Gateway, Lambda or IAM, as in the scripts of the services
//	request         a line "METHOD /path", headers, a blank line and the body, sent to ${api.id}
//	response        the status of the request before, headers, a blank line and the body
//
// Of a response the headers that it names are compared: "*" is any value, "-" that there is none. ${backend} is the
// URL of an HTTP server (backend below).
func TestInvocations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	s := newSuite(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s.run(t, file)
		})
	}
}

// A suite is one Postern for all scripts, each of which has APIs of its own.
type suite struct {
	addr    string
	backend *httptest.Server
	clients clients
}

// clients are the operations that scripts call; those that two services have are nobody's.
type clients struct {
	*gatewayClient
	*lambdaClient
	*iamClient
	*logsClient
	*acmClient
}

type (
	gatewayClient = apigateway.Client
	lambdaClient  = lambda.Client
	iamClient     = iam.Client
	logsClient    = cloudwatchlogs.Client
	acmClient     = acm.Client
)

func newSuite(t *testing.T) *suite {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.Open(t.Context(), emulator.Config{
		Port: ln.Addr().(*net.TCPAddr).Port, RelaxedPermissions: true, Logger: slog.New(slog.DiscardHandler),
		Lambda: emulator.LambdaConfig{Mode: emulator.LambdaProcess},
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- e.Serve(ln) }()
	s := &suite{addr: ln.Addr().String(), backend: httptest.NewServer(http.HandlerFunc(backend))}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		s.backend.Close()
	})
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.addr), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("111122223333", "test", "")}
	s.clients = clients{apigateway.NewFromConfig(config), lambda.NewFromConfig(config), iam.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config), acm.NewFromConfig(config)}
	return s
}

var othersEachTime = []string{"X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id", "X-Amz-Cf-Id", "X-Forwarded-For", "User-Agent"}

// backend answers what it was asked, with the status that the path begins with: /418/any. At /slow it takes its time.
func backend(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	status, _ := strconv.Atoi(strings.SplitN(r.URL.Path, "/", 3)[1])
	headers := map[string][]string{}
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "Cloudfront-") && !slices.Contains(othersEachTime, name) {
			headers[name] = values
		}
	}
	if r.URL.Path == "/slow" {
		time.Sleep(300 * time.Millisecond)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Backend", "yes")
	w.WriteHeader(max(status, 200))
	json.NewEncoder(w).Encode(map[string]any{"method": r.Method, "uri": r.RequestURI, "headers": headers, "body": string(body)})
}

// A scene is a script that runs.
type scene struct {
	*suite
	*conformance.Session
	answer *http.Response // to the request before
	body   string
}

func (s *suite) run(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(a.Comment), "\n"); len(lines) < 2 || !strings.HasSuffix(lines[0], "?") || lines[1] == "" {
		t.Errorf("%s starts with no question and source", file)
	}
	if !slices.ContainsFunc(a.Files, func(f txtar.File) bool { return f.Name == "response" }) {
		t.Errorf("%s expects nothing", file)
	}
	c := &scene{suite: s, Session: conformance.NewSession(t.Context(), s.clients)}
	c.Set("backend", s.backend.URL)
	for i := range a.Files {
		f := &a.Files[i]
		name, isFunction := strings.CutPrefix(f.Name, "function ")
		switch {
		case isFunction:
			c.function(t, name, f.Data)
		case f.Name == "api":
			c.api(t, c.Expand(string(f.Data)))
		case f.Name == "request":
			c.request(t, c.Expand(string(f.Data)))
		case f.Name == "response" && *update:
			f.Data = []byte(c.Fold(c.shown(string(f.Data))))
		case f.Name == "response":
			if diff := cmp.Diff(c.Expand(string(f.Data)), c.shown(string(f.Data))); diff != "" {
				t.Errorf("response %d (-want +got):\n%s", i, diff)
			}
		default:
			if got := c.Call(t, *f); strings.HasPrefix(got, "error ") {
				t.Fatalf("step %d, %s: %s", i, f.Name, got)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *scene) call(t *testing.T, operation string, input map[string]any) {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Call(t, txtar.File{Name: operation, Data: data}); strings.HasPrefix(got, "error ") {
		t.Fatalf("%s: %s", operation, got)
	}
}

// function makes a function whose name no other script has.
func (c *scene) function(t *testing.T, name string, source []byte) {
	t.Helper()
	own := strings.ReplaceAll(filepath.Base(t.Name()), "_", "-") + "-" + name
	c.call(t, name+" = CreateFunction", map[string]any{
		"FunctionName": own, "Runtime": "python3.12", "Handler": "index.handler", "Role": "arn:aws:iam::111122223333:role/any",
		"Code": map[string]any{"ZipFile": zipped(t, "index.py", source)},
	})
	c.Set(name+".uri", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"+c.Expand("${"+name+".functionArn}")+"/invocations")
}

func (c *scene) api(t *testing.T, document string) {
	t.Helper()
	c.call(t, "api = ImportRestApi", map[string]any{"Body": []byte(document), "FailOnWarnings": true})
	c.call(t, "CreateDeployment", map[string]any{"RestApiId": c.Expand("${api.id}"), "StageName": "s"})
}

func (c *scene) request(t *testing.T, text string) {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("%q is no request", lines[0])
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, "http://"+c.addr+path, bytes.NewReader([]byte(strings.TrimSuffix(body, "\n"))))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = c.Expand("${api.id}.execute-api.us-east-1.localhost")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Add(name, value)
	}
	if c.answer, err = transport.RoundTrip(req); err != nil { // a redirect is an answer
		t.Fatal(err)
	}
	defer c.answer.Body.Close()
	read := io.Reader(c.answer.Body)
	if c.answer.Header.Get("Content-Encoding") == "gzip" {
		if read, err = gzip.NewReader(read); err != nil {
			t.Fatal(err)
		}
	}
	all, err := io.ReadAll(read)
	if err != nil {
		t.Fatal(err)
	}
	c.body = string(all)
}

// transport sends no header of its own.
var transport = &http.Transport{DisableCompression: true}

// changing are parts of bodies that are others each time.
var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|127\.0\.0\.1:[0-9]+`)

// shown is the answer in the form of the response that is wanted: with its headers.
func (c *scene) shown(want string) string {
	head, _, _ := strings.Cut(want, "\n\n")
	var b strings.Builder
	fmt.Fprintln(&b, c.answer.StatusCode)
	for _, line := range strings.Split(strings.TrimSuffix(head, "\n"), "\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		got := strings.Join(c.answer.Header.Values(name), ", ")
		switch {
		case value == "*" && got != "":
			got = "*"
		case got == "":
			got = "-"
		}
		fmt.Fprintf(&b, "%s: %s\n", name, got)
	}
	if c.body != "" {
		b.WriteString("\n" + strings.TrimSuffix(changing.ReplaceAllString(c.body, "{changing}"), "\n") + "\n")
	}
	return b.String()
}
