package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

// invoke runs a function and returns its payload, error and log tail.
func (s *server) invoke(t *testing.T, name, payload string) (result, functionError, log string) {
	t.Helper()
	out, err := lambda.NewFromConfig(s.aws()).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: &name, Payload: []byte(payload), LogType: types.LogTypeTail})
	if err != nil {
		t.Fatal(err)
	}
	tail, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil {
		t.Fatal(err)
	}
	return string(out.Payload), aws.ToString(out.FunctionError), string(tail)
}

// What a function is told and what becomes of it must not depend on how it runs.
const behaviours = `
import json, os, sys, time, urllib.request

def handle(event, context):
    what = event["do"]
    if what == "echo":
        return event
    if what == "raise":
        raise ValueError("as asked")
    if what == "exit":
        os._exit(3)
    if what == "sleep":
        time.sleep(30)
    if what == "environment":
        return {k: os.environ.get(k) for k in event["names"]}
    if what == "context":
        return {"name": context.function_name, "version": context.function_version, "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis()}
    if what == "callback":
        url = os.environ["AWS_ENDPOINT_URL"] + "/_postern/health"
        return json.load(urllib.request.urlopen(url, timeout=5))["status"]
    if what == "pid":
        time.sleep(event.get("wait", 0))
        return os.getpid() if event.get("process", True) else os.uname().nodename
`

func TestFunctionsBehaveTheSameInEverySandbox(t *testing.T) {
	needProgram(t, "python3")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			arn := s.createFunction(t, &lambda.CreateFunctionInput{
				FunctionName: aws.String("f"), Runtime: types.RuntimePython312, Handler: aws.String("handler.handle"),
				Timeout: aws.Int32(3), MemorySize: aws.Int32(256),
				Environment: &types.Environment{Variables: map[string]string{"COLOUR": "green"}},
				Code:        &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"handler.py": []byte(behaviours)})},
			})

			t.Run("the event comes back", func(t *testing.T) {
				result, functionError, log := s.invoke(t, "f", `{"do":"echo","n":[1,2.5,"é"]}`)
				var got map[string]any
				if err := json.Unmarshal([]byte(result), &got); err != nil || functionError != "" || got["do"] != "echo" {
					t.Errorf("%s %s %v", result, functionError, err)
				}
				for _, part := range []string{"START RequestId: ", " Version: $LATEST\n", "END RequestId: ", "\tMemory Size: 256 MB\tMax Memory Used: "} {
					if !strings.Contains(log, part) {
						t.Errorf("log lacks %q:\n%s", part, log)
					}
				}
			})
			t.Run("an exception is Unhandled", func(t *testing.T) {
				result, functionError, _ := s.invoke(t, "f", `{"do":"raise"}`)
				var got struct {
					ErrorMessage, ErrorType string
					StackTrace              []string
				}
				if err := json.Unmarshal([]byte(result), &got); err != nil {
					t.Fatal(err)
				}
				if functionError != "Unhandled" || got.ErrorType != "ValueError" || got.ErrorMessage != "as asked" || len(got.StackTrace) == 0 {
					t.Errorf("%s: %s", functionError, result)
				}
			})
			t.Run("an exit is a Runtime.ExitError", func(t *testing.T) {
				result, functionError, _ := s.invoke(t, "f", `{"do":"exit"}`)
				if functionError != "Unhandled" || !strings.Contains(result, `"Runtime.ExitError"`) || !strings.Contains(result, "exit status 3") {
					t.Errorf("%s: %s", functionError, result)
				}
			})
			t.Run("a time-out says after how long", func(t *testing.T) {
				begin := time.Now()
				result, functionError, _ := s.invoke(t, "f", `{"do":"sleep"}`)
				if functionError != "Unhandled" || !strings.Contains(result, "Task timed out after 3.00 seconds") {
					t.Errorf("%s: %s", functionError, result)
				}
				if took := time.Since(begin); took > 20*time.Second {
					t.Errorf("it took %s", took)
				}
			})
			t.Run("the environment is Lambda's and the user's", func(t *testing.T) {
				result, _, _ := s.invoke(t, "f", `{"do":"environment","names":["COLOUR","AWS_LAMBDA_FUNCTION_NAME","AWS_REGION","_HANDLER","AWS_LAMBDA_FUNCTION_MEMORY_SIZE","TZ"]}`)
				var got map[string]string
				if err := json.Unmarshal([]byte(result), &got); err != nil {
					t.Fatal(err, result)
				}
				for k, want := range map[string]string{"COLOUR": "green", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_REGION": "us-east-1",
					"_HANDLER": "handler.handle", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "TZ": ":UTC"} {
					if got[k] != want {
						t.Errorf("%s=%q, want %q", k, got[k], want)
					}
				}
			})
			t.Run("the context names the function", func(t *testing.T) {
				result, _, _ := s.invoke(t, "f", `{"do":"context"}`)
				var got struct {
					Name, Version, ARN, Memory string
					Left                       int
				}
				if err := json.Unmarshal([]byte(strings.Replace(result, `"memory": 256`, `"memory": "256"`, 1)), &got); err != nil {
					t.Fatal(err, result)
				}
				if got.Name != "f" || got.Version != "$LATEST" || got.ARN != arn || got.Memory != "256" || got.Left <= 0 || got.Left > 3000 {
					t.Errorf("%+v", got)
				}
			})
			t.Run("AWS_ENDPOINT_URL reaches the emulator", func(t *testing.T) {
				if result, functionError, _ := s.invoke(t, "f", `{"do":"callback"}`); result != `"ok"` {
					t.Errorf("%s %s", functionError, result)
				}
			})
			t.Run("invocations at once get sandboxes of their own, then reuse them", func(t *testing.T) {
				payload := `{"do":"pid","wait":0.5,"process":false}`
				if name == "process" {
					payload = `{"do":"pid","wait":0.5}`
				}
				seen := make([]string, 3)
				var wg sync.WaitGroup
				for i := range seen {
					wg.Go(func() { seen[i], _, _ = s.invoke(t, "f", payload) })
				}
				wg.Wait()
				if seen[0] == seen[1] || seen[1] == seen[2] || seen[0] == seen[2] {
					t.Errorf("shared: %q", seen)
				}
				again, _, _ := s.invoke(t, "f", payload)
				if again != seen[0] && again != seen[1] && again != seen[2] {
					t.Errorf("%s is new, %q were idle", again, seen)
				}
			})
			t.Run("what it prints is in CloudWatch Logs", func(t *testing.T) {
				out, err := cloudwatchlogs.NewFromConfig(s.aws()).FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
					LogGroupName: aws.String("/aws/lambda/f"), FilterPattern: aws.String(`"REPORT RequestId"`)})
				if err != nil || len(out.Events) == 0 {
					t.Errorf("%v %v", out, err)
				}
			})
		})
	}
}

func TestAPIGatewayNeedsPermissionToCallAFunction(t *testing.T) {
	needProgram(t, "python3")
	const source = "def handle(event, context):\n    return {'statusCode': 200, 'body': event['resource']}\n"
	for _, c := range []struct {
		name      string
		relaxed   bool
		permitted bool
		want      int
	}{
		{"without a statement it is refused", false, false, 500},
		{"with one it is let through", false, true, 200},
		{"--relaxed-permissions needs none", true, false, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: c.relaxed})
			api := s.deployProxy(t, s.createPythonFunction(t, "f", source), c.permitted)
			if status, body := get(t, s.url("/_aws/execute-api/"+api+"/test/a/b")); status != c.want {
				t.Errorf("%d %s, want %d", status, body, c.want)
			}
		})
	}
}

func TestLiveCodeIsSeenByTheNextRequest(t *testing.T) {
	needProgram(t, "python3")
	for name, runner := range runners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Lambda: runner(t)})
			dir := t.TempDir()
			write := func(answer string) {
				source := "def handle(event, context):\n    return {'statusCode': 200, 'body': '" + answer + "'}\n"
				if err := os.WriteFile(filepath.Join(dir, "handler.py"), []byte(source), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write("first")
			arn := s.createFunction(t, &lambda.CreateFunctionInput{
				FunctionName: aws.String("live"), Runtime: types.RuntimePython312, Handler: aws.String("handler.handle"), Timeout: aws.Int32(10),
				Code: &types.FunctionCode{S3Bucket: aws.String("hot-reload"), S3Key: &dir}})
			url := s.url("/_aws/execute-api/" + s.deployProxy(t, arn, true) + "/test/x")
			for _, want := range []string{"first", "second", "the third"} {
				write(want)
				if status, body := get(t, url); status != 200 || body != want {
					t.Errorf("%d %q, want %q", status, body, want)
				}
			}
		})
	}
}

// What is deployed serves again after a restart, without being deployed again.
func TestAStageServesAgainAfterARestart(t *testing.T) {
	needProgram(t, "python3")
	dir := t.TempDir()
	const source = "def handle(event, context):\n    return {'statusCode': 200, 'body': 'here'}\n"
	var api string
	t.Run("first start", func(t *testing.T) {
		s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
		api = s.deployProxy(t, s.createPythonFunction(t, "f", source), true)
	})
	s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
	if status, body := get(t, s.url("/_aws/execute-api/"+api+"/test/x")); status != 200 || body != "here" {
		t.Errorf("%d %s", status, body)
	}
	if status, body := get(t, s.url("/_aws/execute-api/"+api+"/nosuch/x")); status != 403 {
		t.Errorf("unknown stage: %d %s", status, body)
	}
}

// With credentials the role's policies decide on AWS, not the function's.
func TestAnIntegrationWithARoleNeedsNoStatementOfTheFunction(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createPythonFunction(t, "f", "def handle(event, context):\n    return {'statusCode': 200, 'body': 'by role'}\n")
	api := s.deployProxy(t, arn, false)
	gw := apigateway.NewFromConfig(s.aws())
	resources, err := gw.GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Items {
		_, err := gw.UpdateIntegration(t.Context(), &apigateway.UpdateIntegrationInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: aws.String("ANY"),
			PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/credentials"), Value: aws.String("arn:aws:iam::000000000000:role/gateway")}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("test")}); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, s.url("/_aws/execute-api/"+api+"/test/x")); status != 200 || body != "by role" {
		t.Errorf("%d %s", status, body)
	}
}
