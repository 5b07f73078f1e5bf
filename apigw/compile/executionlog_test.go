package compile_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
)

var update = flag.Bool("update", false, "rewrite what the cases in testdata want")

// keptLogs keeps lines by group.
type keptLogs map[string][]string

func (k keptLogs) Append(to apigw.LogDestination, stream string, lines []apigw.LogLine) {
	group := to.Name
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(stream) {
		group += " stream " + stream
	}
	for _, l := range lines {
		k[group] = append(k[group], l.Text)
	}
}

func (k keptLogs) Deliver(to apigw.LogDestination, record []byte) {
	k[to.Name] = append(k[to.Name], string(record))
}

func (k keptLogs) String() string {
	var b strings.Builder
	for group, lines := range k {
		fmt.Fprintf(&b, "%s\n", group)
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// Each case has a method, the stage's settings for it, a request and the events that it leaves behind.
func TestExecutionLog(t *testing.T) {
	files, _ := filepath.Glob("testdata/executionlog/*.txtar")
	if len(files) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Split(string(a.Comment), "\n"); len(lines) < 2 || !strings.HasSuffix(lines[0], "?") || lines[1] == "" {
				t.Error("no question and source")
			}
			want := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
			got := logged(t, a)
			if *update {
				a.Files[want].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[want].Data), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// logged runs a case. What differs from run to run is replaced.
func logged(t *testing.T, a *txtar.Archive) string {
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	backend := echoBackend(t)
	request := strings.Split(files["request"], "\n")
	verb, path, _ := strings.Cut(request[0], " ")

	var m types.Method
	decode(t, strings.ReplaceAll(files["method"], "${backend}", backend), &m)
	def := define(methods{files["resource"]: m})
	def.Stage.TracingEnabled = strings.Contains(files["stage"], "tracing")
	def.Stage.MethodSettings = map[string]types.MethodSetting{"*/*": {LoggingLevel: aws.String("INFO"), DataTraceEnabled: true, ThrottlingRateLimit: -1}}
	if s, ok := files["settings"]; ok {
		def.Stage.MethodSettings = nil
		decode(t, s, &def.Stage.MethodSettings)
	}
	if s, ok := files["api"]; ok {
		id := def.API.Id
		decode(t, s, &def.API)
		def.API.Id = id
	}
	if s, ok := files["validator"]; ok {
		def.RequestValidators = make([]types.RequestValidator, 1)
		decode(t, s, &def.RequestValidators[0])
	}
	if s, ok := files["model"]; ok {
		def.Models = make([]types.Model, 1)
		decode(t, s, &def.Models[0])
	}
	stage, err := compile.BuildREST(def, compile.Deps{Invoker: loggedFunctions})
	if err != nil {
		t.Fatal(err)
	}
	kept, n := keptLogs{}, uint64(0)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	g := gateway.New(gateway.Options{Logs: kept, Now: func() time.Time { return now }, Random: func() uint64 { n++; return n }})
	g.Publish(stage)

	body := ""
	r := httptest.NewRequest(verb, "http://api1234567.execute-api.localhost/prod"+path, nil)
	for i, line := range request[1:] {
		if line == "" {
			body = strings.TrimSuffix(strings.Join(request[i+2:], "\n"), "\n")
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	with := httptest.NewRequest(verb, r.URL.String(), strings.NewReader(body))
	with.Header, with.Host = r.Header, r.Host
	w := httptest.NewRecorder()
	g.ServeHTTP(w, with)

	text := kept.String()
	//lint:ignore SA1008 as the gateway writes them
	id := w.Header()["x-amzn-RequestId"][0]
	//lint:ignore SA1008 as the gateway writes them
	for _, old := range [][2]string{{id, "{id}"}, {w.Header()["x-amz-apigw-id"][0], "{extendedId}"}, {backend, "${backend}"}, {strings.TrimPrefix(backend, "http://"), "${host}"}} {
		text = strings.ReplaceAll(text, old[0], old[1])
	}
	text = regexp.MustCompile(`Date=\w{3}, [^,}]* GMT`).ReplaceAllString(text, "Date={date}")
	text = regexp.MustCompile(`dial tcp \S+ `).ReplaceAllString(text, "dial tcp … ")
	return text
}

func decode(t *testing.T, s string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), into); err != nil {
		t.Fatal(err, s)
	}
}

const loggedARN = "arn:aws:lambda:eu-west-1:111122223333:function:"

var loggedFunctions = invoker{
	loggedARN + "proxy": func(apigw.InvokeRequest) (string, bool) {
		return `{"statusCode": 201, "body": "hi", "headers": {"X-Own": "1"}}`, false
	},
	loggedARN + "plain":  func(call apigw.InvokeRequest) (string, bool) { return `{"got": ` + string(call.Payload) + `}`, false },
	loggedARN + "broken": func(apigw.InvokeRequest) (string, bool) { return `{"errorMessage": "as asked"}`, true },
	loggedARN + "odd":    func(apigw.InvokeRequest) (string, bool) { return `"Bad response"`, false },
}
