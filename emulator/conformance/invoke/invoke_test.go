package invoke

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"postern/emulator/conformance"
	"postern/testdata/authority"
)

var update = flag.Bool("update", false, "rewrite the responses in testdata")

// Each file in testdata asks a question, names the source of the answer, and has steps in order:
//
//	function NAME   the source of a Python function; ${NAME.uri} is what an integration names
//	streaming NAME  the source of a Node function; ${NAME.streaming} is what an integration that streams names
//	token NAME      what a token of the local issuer says; ${NAME} is the token
//	authority NAME  a CA, in the object ${NAME.uri}
//	api             an OpenAPI document, imported and deployed to the stage "s"; ${api.id} is its id
//	NAME = OPERATION, OPERATION   a call of an AWS service, as in the scripts of the services
//	request         a line "METHOD /path", headers, a blank line and the body, sent to ${api.id}
//	request NAME    the same by TLS, with a certificate of an authority
//	begins          how the answer begins, before the gate is open
//	response        the status of the request before, headers, a blank line and the body
//	logs GROUP      the lines of a log group
//
// Of a response the headers that it names are compared: "*" is any value, "-" that there is none. ${backend} is the
// URL of an HTTP server, to which VPC links with the name conformance lead too, ${gate} that of one whose answer stops
// half-way until the gate is open, ${secure} that of one that says who shows a certificate to it.
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

// A scene is a script that runs.
type scene struct {
	*suite
	*conformance.Session
	authorities map[string]*authority.Authority
	answer      *http.Response // to the request before
	gate        chan struct{}  // closed by begins
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
	c := &scene{suite: s, Session: conformance.NewSession(t.Context(), s.clients), authorities: map[string]*authority.Authority{}, gate: make(chan struct{})}
	c.Set("backend", s.backend.URL)
	c.Set("secure", s.secure.URL)
	c.Set("gate", newGate(t, c.gate))
	for i := range a.Files {
		f := &a.Files[i]
		step, name, _ := strings.Cut(f.Name, " ")
		switch step {
		case "function":
			c.function(t, name, types.RuntimePython312, "index.py", f.Data)
		case "streaming":
			c.function(t, name, types.RuntimeNodejs22x, "index.mjs", []byte(c.Expand(string(f.Data))))
		case "token":
			c.Set(name, conformance.Token(t, c.addr, f.Data))
		case "authority":
			c.authority(t, name)
		case "api":
			c.api(t, c.Expand(string(f.Data)))
		case "request":
			c.request(t, c.Expand(string(f.Data)), name)
		case "begins":
			c.begins(t, strings.TrimSuffix(string(f.Data), "\n"))
		case "response":
			c.compare(t, i, f, c.shown(t, string(f.Data)))
		case "logs":
			c.compare(t, i, f, c.logs(t, c.Expand(name)))
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

// compare compares an answer with what a file wants, or puts it there.
func (c *scene) compare(t *testing.T, step int, f *txtar.File, got string) {
	t.Helper()
	if *update {
		f.Data = []byte(c.Fold(got))
		return
	}
	if diff := cmp.Diff(c.Expand(string(f.Data)), got); diff != "" {
		t.Errorf("%s %d (-want +got):\n%s", f.Name, step, diff)
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
func (c *scene) function(t *testing.T, name string, runtime types.Runtime, file string, source []byte) {
	t.Helper()
	own := strings.ReplaceAll(filepath.Base(t.Name()), "_", "-") + "-" + name
	c.call(t, name+" = CreateFunction", map[string]any{
		"FunctionName": own, "Runtime": runtime, "Handler": "index.handler", "Role": "arn:aws:iam::111122223333:role/any",
		"Code": map[string]any{"ZipFile": zipped(t, file, source)},
	})
	arn := c.Expand("${" + name + ".functionArn}")
	c.Set(name+".uri", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"+arn+"/invocations")
	c.Set(name+".streaming", "arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/"+arn+"/response-streaming-invocations")
}

func (c *scene) api(t *testing.T, document string) {
	t.Helper()
	c.call(t, "api = ImportRestApi", map[string]any{"Body": []byte(document), "FailOnWarnings": true})
	c.call(t, "CreateDeployment", map[string]any{"RestApiId": c.Expand("${api.id}"), "StageName": "s"})
}

// request sends one, by TLS with a certificate of an authority if there is one.
func (c *scene) request(t *testing.T, text, whose string) {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("%q is no request", lines[0])
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, "http://"+c.addr+path, strings.NewReader(strings.TrimSuffix(body, "\n")))
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
	transport := plain
	if whose != "" {
		req.URL.Scheme, req.URL.Host = "https", req.Host
		transport = by(t, c.authorities[whose], c.addr)
	}
	answer, err := transport.RoundTrip(req) // a redirect is an answer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.Header.Get("Content-Encoding") == "gzip" {
		if answer.Body, err = gzip.NewReader(answer.Body); err != nil {
			t.Fatal(err)
		}
	}
	c.answer = answer
}

// plain sends no header of its own.
var plain = &http.Transport{DisableCompression: true}

// begins reads the beginning of an answer, whose rest comes when the gate is open.
func (c *scene) begins(t *testing.T, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c.answer.Body, got); err != nil || string(got) != want {
		t.Fatalf("the answer begins with %q, %v, want %q", got, err, want)
	}
	close(c.gate)
}

// logs are the lines of a log group.
func (c *scene) logs(t *testing.T, group string) string {
	t.Helper()
	out, err := c.clients.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range out.Events {
		fmt.Fprintln(&b, c.steady(*e.Message))
	}
	return b.String()
}

// shown is the answer in the form of the response that is wanted: with its headers.
func (c *scene) shown(t *testing.T, want string) string {
	t.Helper()
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
	body, err := io.ReadAll(c.answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 0 {
		b.WriteString("\n" + strings.TrimSuffix(c.steady(string(body)), "\n") + "\n")
	}
	return b.String()
}

// changing are parts of texts that are others each time: ids, ports, signatures and what is signed, times.
var changing = regexp.MustCompile(strings.Join([]string{
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, `[A-Za-z0-9_-]{15}=$`, `1-[0-9a-f]{8}-[0-9a-f]{24}`, `[A-Za-z0-9_-]{54}==`, `\b[a-z0-9]{6} for request`, `authorizers/[a-z0-9]{6}`,
	`127\.0\.0\.1:[0-9]+`, `Signature=[0-9a-f]{64}`, `ASIA[A-Z0-9]{16}/20[0-9]{6}`, `IQoJ[A-Za-z0-9+/=]+`, `20[0-9]{6}T[0-9]{6}Z`, `\b[0-9]+ ms\b`,
}, "|"))

func (c *scene) steady(text string) string { return changing.ReplaceAllString(text, "{changing}") }
