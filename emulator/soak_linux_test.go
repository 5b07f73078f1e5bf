package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"postern/emulator"
)

// soakInvocations are those of the soak, by how functions run; POSTERN_SOAK is another number of
// them: `make soak` does 10,000. With fewer than 110 some kind is left out.
var soakInvocations = map[string]int{"process": 1000, "docker": 110}

// soakWorkers is how many invocations are under way at once.
const soakWorkers = 16

// After functions that crash, time out, answer too much, leave processes and files behind
// and change while they run, nothing of them must be left: no process, container, goroutine, file or
// port. It is not parallel, since it counts what the whole test process has open.
func TestInvocationsGoodAndBadLeaveNothingBehind(t *testing.T) {
	for kind, runner := range runners {
		t.Run(kind, func(t *testing.T) { soakIn(t, kind, runner(t)) })
	}
}

func soakIn(t *testing.T, kind string, config emulator.LambdaConfig) {
	needProgram(t, "python3")
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	s := &soak{mark: fmt.Sprintf("POSTERN_SOAK_MARK=%d-%s", os.Getpid(), kind), live: t.TempDir(), invocations: soakInvocations[kind]}
	if n, err := strconv.Atoi(os.Getenv("POSTERN_SOAK")); err == nil {
		s.invocations = n
	}
	if config.Mode == emulator.LambdaDocker {
		s.engine = engine(t)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = soakWorkers
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()

	before := s.census(t, temp)
	t.Run("soak", func(t *testing.T) { // the server is closed at its end
		s.server = start(t, emulator.Config{Lambda: config})
		client := s.server.aws()
		client.HTTPClient = &http.Client{Transport: transport}
		s.api = lambda.NewFromConfig(client)
		s.createFunctions(t)
		s.run(t)
		for _, name := range []string{"works", "slow", "live"} {
			if _, err := s.api.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: &name}); err != nil {
				t.Error(err)
			}
		}
		s.eventually(t, "processes of deleted functions", func() string { return strings.Join(slices.Concat(s.processes(t), s.containers(t)), "\n") })
	})
	transport.CloseIdleConnections()
	s.eventually(t, "what is left of the server", func() string {
		return s.census(t, temp).beyond(before)
	})
}

// A soak is the state of the test.
type soak struct {
	server *server
	api    *lambda.Client
	mark   string         // a variable of all functions, by which their processes are known
	live   string         // the directory of live code
	engine *client.Client // nil where functions are processes

	invocations int
}

func (s *soak) createFunctions(t *testing.T) {
	program := packed(t, map[string][]byte{"bootstrap": goProgram(t, "soak")})
	name, value, _ := strings.Cut(s.mark, "=")
	for _, f := range []struct {
		name    string
		timeout int32
	}{{"works", 120}, {"slow", 1}} {
		s.server.createFunction(t, &lambda.CreateFunctionInput{
			FunctionName: &f.name, Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"), Timeout: &f.timeout,
			Environment: &types.Environment{Variables: map[string]string{name: value}}, Code: &types.FunctionCode{ZipFile: program},
		})
	}
	s.save(t, 0)
	s.server.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("live"), Runtime: types.RuntimePython312, Handler: aws.String("handler.handle"), Timeout: aws.Int32(120),
		Environment: &types.Environment{Variables: map[string]string{name: value}},
		Code:        &types.FunctionCode{S3Bucket: aws.String("hot-reload"), S3Key: &s.live},
	})
}

// save puts another version of the live code in place, as an editor does.
func (s *soak) save(t *testing.T, version int) {
	path := filepath.Join(s.live, "handler.py")
	source := fmt.Sprintf("def handle(event, context):\n    return %d\n", version)
	if err := os.WriteFile(path+"~", []byte(source), 0o644); err != nil {
		t.Error(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		t.Error(err)
	}
}

// run has the workers do all invocations, while the live function is changed.
func (s *soak) run(t *testing.T) {
	all := s.invocations
	var next atomic.Int64
	var workers sync.WaitGroup
	for range soakWorkers {
		workers.Go(func() {
			for i := int(next.Add(1)); i <= all && !t.Failed(); i = int(next.Add(1)) {
				s.step(t, i)
			}
		})
	}
	workers.Go(func() { s.reload(t, max(all/400, 3)) })
	workers.Wait()
}

func (s *soak) reload(t *testing.T, versions int) {
	for version := 1; version <= versions && !t.Failed(); version++ {
		s.save(t, version)
		for range 3 {
			if got, _ := s.invoke(t, "live", `{}`); got != strconv.Itoa(version) {
				t.Errorf("version %d of the live code answered %s", version, got)
			}
		}
	}
}

// step is the invocation of a number: most are sound, some of each other kind.
func (s *soak) step(t *testing.T, i int) {
	switch {
	case i%500 == 7:
		s.expect(t, "slow", map[string]any{"do": "sleep", "id": i}, "Task timed out after 1.00 seconds")
	case i%500 == 107:
		s.leave(t, i)
	case i%100 == 13:
		s.expect(t, "works", map[string]any{"do": "exit", "id": i}, "Runtime.ExitError")
	case i%100 == 23:
		s.expect(t, "works", map[string]any{"do": "panic", "id": i}, `"errorMessage":"as asked"`)
	case i%100 == 33:
		s.expect(t, "works", map[string]any{"do": "error", "id": i}, `"errorMessage":"as asked"`)
	case i%100 == 43:
		s.expect(t, "works", map[string]any{"do": "large", "id": i, "size": 7 << 20}, "Function.ResponseSizeTooLarge")
	case i%100 == 53:
		s.echo(t, map[string]any{"do": "large", "id": i, "size": 2 << 20})
	case i%100 == 63:
		s.echo(t, map[string]any{"do": "echo", "id": i, "pad": strings.Repeat("p", 2<<20)})
	case i%100 == 73:
		s.echo(t, map[string]any{"do": "child", "id": i})
	case i%100 == 83:
		s.echo(t, map[string]any{"do": "files", "id": i})
	default:
		s.echo(t, map[string]any{"do": "echo", "id": i})
	}
}

func (s *soak) invoke(t *testing.T, name, payload string) (result, functionError string) {
	out, err := s.api.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &name, Payload: []byte(payload)})
	if err != nil {
		t.Errorf("%.100s: %v", payload, err)
		return "", ""
	}
	return string(out.Payload), aws.ToString(out.FunctionError)
}

// echo checks that the answer is the one to this event and no other's.
func (s *soak) echo(t *testing.T, event map[string]any) {
	payload, _ := json.Marshal(event)
	result, functionError := s.invoke(t, "works", string(payload))
	var got struct {
		ID, Padded int
		Body       string
	}
	err := json.Unmarshal([]byte(result), &got)
	size, _ := event["size"].(int)
	pad, _ := event["pad"].(string)
	if err != nil || functionError != "" || got.ID != event["id"] || got.Padded != len(pad) || len(got.Body) != size {
		t.Errorf("%.100s: %s %.200s %v", payload, functionError, result, err)
	}
}

func (s *soak) expect(t *testing.T, name string, event map[string]any, want string) {
	payload, _ := json.Marshal(event)
	result, functionError := s.invoke(t, name, string(payload))
	if functionError != "Unhandled" || !strings.Contains(result, want) {
		t.Errorf("%s: %s %.200s, want %s", payload, functionError, result, want)
	}
}

// leave is a client that does not wait for the answer.
func (s *soak) leave(t *testing.T, i int) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.api.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("slow"), Payload: fmt.Appendf(nil, `{"do":"sleep","id":%d}`, i)})
	if err == nil {
		t.Errorf("invocation %d answered before the client left", i)
	}
}

// processes are those of functions, whoever their parent is by now.
func (s *soak) processes(t *testing.T) (found []string) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		environment, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(environment, []byte(s.mark)) {
			continue // it has ended meanwhile, or is another's
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		found = append(found, filepath.Dir(file)+" "+strings.ReplaceAll(string(command), "\x00", " "))
	}
	return found
}

// containers are those of functions, running or not.
func (s *soak) containers(t *testing.T) (found []string) {
	if s.engine == nil {
		return nil
	}
	all, err := s.engine.ContainerList(t.Context(), container.ListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		known, err := s.engine.ContainerInspect(t.Context(), c.ID)
		if err == nil && slices.Contains(known.Config.Env, s.mark) { // with an error it has gone meanwhile
			found = append(found, "container "+c.Names[0]+" "+c.Status)
		}
	}
	return found
}

// A census is what the test process and its functions have.
type census struct {
	goroutines     int
	descriptors    int // files, sockets that listen, connections
	processes      []string
	containers     []string
	temporaryFiles []string
	stacks         string
}

func (s *soak) census(t *testing.T, temp string) (c census) {
	runtime.GC() // closes what finalizers close
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(temp, "postern-*"))
	if err != nil {
		t.Fatal(err)
	}
	var stacks bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&stacks, 1)
	return census{goroutines: runtime.NumGoroutine(), descriptors: len(open), processes: s.processes(t), containers: s.containers(t), temporaryFiles: left, stacks: stacks.String()}
}

// beyond is what c has more than a census before, "" if it has not.
func (c census) beyond(before census) string {
	var more []string
	if c.goroutines > before.goroutines {
		more = append(more, fmt.Sprintf("%d goroutines instead of %d:\n%s", c.goroutines, before.goroutines, c.stacks))
	}
	if c.descriptors > before.descriptors {
		more = append(more, fmt.Sprintf("%d descriptors instead of %d", c.descriptors, before.descriptors))
	}
	more = slices.Concat(more, c.processes, c.containers, c.temporaryFiles)
	return strings.Join(more, "\n")
}

// eventually waits until nothing is left: processes end when they have been killed, and
// nothing tells the test.
func (s *soak) eventually(t *testing.T, what string, left func() string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		now := left()
		if now == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s:\n%s", what, now)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
