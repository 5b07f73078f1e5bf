package emulator_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// durableSDK is AWS's SDK for the code of durable functions.
const durableSDK = "@aws/durable-execution-sdk-js@2.4.0"

// workflow uses each kind of operation of that SDK. What it answers tells that all of them did what they should.
const workflow = `
import { withDurableExecution } from "@aws/durable-execution-sdk-js";

export const handler = withDurableExecution(async (event, context) => {
  const first = await context.step("first", async () => event.n + 1);
  const stubborn = await context.step("stubborn", async (step) => {
    if (!globalThis.failedOnce) {
      globalThis.failedOnce = true;
      throw new Error("not yet");
    }
    return "at last";
  }, { retryStrategy: (error, attempt) => ({ shouldRetry: attempt < 3, delay: { seconds: 1 } }) });
  await context.wait("pause", { seconds: event.pause });
  const squares = await context.map("squares", [1, 2, 3], async (ctx, item) => ctx.step(async () => item * item));
  const both = await context.parallel("both", [
    async (ctx) => ctx.step("left", async () => "l"),
    async (ctx) => { await ctx.wait("inner", { seconds: 1 }); return "r"; },
  ]);
  const child = await context.runInChildContext("child", async (ctx) => ctx.step("inside", async () => "c"));
  const doubled = await context.invoke("double", "double", { n: first });
  const polled = await context.waitForCondition("poll", async (state) => state + 1, {
    initialState: 0,
    waitStrategy: (state) => state < 2 ? { shouldContinue: true, delay: { seconds: 1 } } : { shouldContinue: false },
  });
  const told = await context.waitForCallback("approval", async (id) => { console.log("callback <" + id + ">"); }, { timeout: { minutes: 5 } });
  return { first, stubborn, squares: squares.getResults(), both: both.getResults(), child, doubled, polled, told };
});

export const double = async (event) => ({ n: event.n * 2 });
`

// withDurableSDK is a directory with the workflow and AWS's SDK, which npm fetches once for a machine.
func withDurableSDK(t *testing.T) string {
	t.Helper()
	needProgram(t, "node")
	needProgram(t, "npm")
	cache := filepath.Join(os.TempDir(), "postern-"+regexp.MustCompile(`\W+`).ReplaceAllString(durableSDK, "-"))
	modules := filepath.Join(cache, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		fresh, err := os.MkdirTemp(os.TempDir(), "postern-npm-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(fresh)
		out, err := exec.CommandContext(t.Context(), "npm", "install", "--prefix", fresh, "--no-audit", "--no-fund", "--loglevel=error", durableSDK).CombinedOutput()
		if err != nil {
			t.Skipf("npm cannot fetch %s: %v\n%s", durableSDK, err, out)
		}
		if err := os.Rename(fresh, cache); err != nil && !os.IsExist(err) {
			if _, there := os.Stat(modules); there != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.mjs"), []byte(workflow), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// AWS's own SDK for durable functions, with the credentials and the endpoint that functions get, over a restart in
// the middle of a wait.
func TestAWSsSDKForDurableFunctions(t *testing.T) {
	t.Parallel()
	dir := withDurableSDK(t)
	data := t.TempDir()
	config := emulator.Config{Lambda: processes(t), DataDir: data}
	s := start(t, config)
	client := lambda.NewFromConfig(s.aws())
	for name, durable := range map[string]*types.DurableConfig{"workflow": {ExecutionTimeout: aws.Int32(600)}, "double": nil} {
		handler := map[bool]string{true: "index.handler", false: "index.double"}[durable != nil]
		_, err := client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &name, Runtime: types.RuntimeNodejs22x, Handler: &handler, Role: aws.String("arn:aws:iam::000000000000:role/r"),
			Timeout: aws.Int32(60), DurableConfig: durable, Code: &types.FunctionCode{S3Bucket: aws.String("hot-reload"), S3Key: &dir},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	invocation := &lambda.InvokeInput{
		FunctionName: aws.String("workflow:$LATEST"), Payload: []byte(`{"n":1,"pause":2}`), InvocationType: types.InvocationTypeEvent, DurableExecutionName: aws.String("once"),
	}
	began, err := client.Invoke(t.Context(), invocation)
	if err != nil {
		t.Fatal(err)
	}
	arn := began.DurableExecutionArn
	s.awaitEvent(t, arn, types.EventTypeWaitStarted)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, config)
	client = lambda.NewFromConfig(s.aws())
	id := s.awaitEvent(t, arn, types.EventTypeCallbackStarted).CallbackStartedDetails.CallbackId
	_, err = client.SendDurableExecutionCallbackSuccess(t.Context(), &lambda.SendDurableExecutionCallbackSuccessInput{CallbackId: id, Result: []byte("yes")})
	if err != nil {
		t.Fatal(err)
	}
	invocation.InvocationType = "" // of the same name: it waits for the one that runs
	ended, err := client.Invoke(t.Context(), invocation)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(ended.Payload, &got); err != nil || aws.ToString(ended.DurableExecutionArn) != *arn {
		t.Fatalf("%v: %s %+v", err, ended.Payload, ended)
	}
	want := map[string]any{
		"first": 2.0, "stubborn": "at last", "squares": []any{1.0, 4.0, 9.0}, "both": []any{"l", "r"}, "child": "c",
		"doubled": map[string]any{"n": 4.0}, "polled": 2.0, "told": "yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// awaitEvent waits until the history of an execution has an event. It fails at one that ends it otherwise.
func (s *server) awaitEvent(t *testing.T, arn *string, kind types.EventType) types.Event {
	t.Helper()
	client := lambda.NewFromConfig(s.aws())
	for {
		out, err := client.GetDurableExecutionHistory(t.Context(), &lambda.GetDurableExecutionHistoryInput{DurableExecutionArn: arn, MaxItems: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			if e.EventType == kind {
				return e
			}
		}
		if last := out.Events[len(out.Events)-1]; strings.HasPrefix(string(last.EventType), "Execution") && last.EventType != types.EventTypeExecutionStarted {
			b, _ := json.Marshal(last)
			t.Fatalf("it ended without %s: %s", kind, b)
		}
		time.Sleep(50 * time.Millisecond) // the API has no way to wait
	}
}
