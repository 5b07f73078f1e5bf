package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

func TestInvokeAnswersWhatTheFunctionAnswers(t *testing.T) {
	b := newBench(t)
	var seen lambdarunner.Invocation
	b.launcher.handle("index.seen", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		seen = *inv
		return `{"errorMessage":"no"}`, true
	})
	b.create(t, "f", withHandler("index.seen"))
	ctx := wire.WithCaller(t.Context(), wire.Caller{AccountID: account, Region: region, RequestID: "request-1"})
	out, err := b.InvokeFunction(ctx, &sdk.InvokeInput{
		FunctionName: aws.String("f"), LogType: types.LogTypeTail,
		ClientContext: aws.String(base64.StdEncoding.EncodeToString([]byte(`{"custom":{}}`))),
	})
	check(t, err)
	if out.StatusCode != 200 || *out.FunctionError != "Unhandled" || *out.ExecutedVersion != "$LATEST" || string(out.Payload) != `{"errorMessage":"no"}` {
		t.Errorf("got %+v", out)
	}
	if tail, _ := base64.StdEncoding.DecodeString(*out.LogResult); string(tail) != "START RequestId: request-1\n" {
		t.Errorf("log %q", tail)
	}
	if string(seen.Payload) != "{}" || seen.ClientContext != `{"custom":{}}` || seen.RequestID != "request-1" {
		t.Errorf("an empty body is the event {}; the function saw %+v", seen)
	}
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:0$`).MatchString(seen.TraceID) {
		t.Errorf("trace %s", seen.TraceID)
	}
}

// Recorded: the context's ARN has the qualifier only if the caller used one.
func TestInvokedARNIsAsTheCallerWroteIt(t *testing.T) {
	b := newBench(t)
	b.launcher.handle("index.arn", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		return fmt.Sprintf("%q", inv.InvokedARN), false
	})
	b.create(t, "f", withHandler("index.arn"))
	b.publish(t, "f")
	for _, c := range [][2]string{
		{"f", "f"}, {"f:$LATEST", "f:$LATEST"}, {"f:1", "f:1"}, {prefix + "f", "f"}, {prefix + "f:1", "f:1"},
		{"111111111111:function:f", "f"}, {"function:f:1", "f:1"},
	} {
		if got, want := string(b.invoke(t, c[0], "").Payload), fmt.Sprintf("%q", prefix+c[1]); got != want {
			t.Errorf("%s: got %s", c[0], got)
		}
	}
}

func TestDryRunRunsNothing(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f"), InvocationType: types.InvocationTypeDryRun})
	check(t, err)
	if out.StatusCode != 204 || b.launcher.launches.Load() != 0 {
		t.Errorf("status %d after %d launches", out.StatusCode, b.launcher.launches.Load())
	}
}

func TestFunctionThatCannotStartIsAFaultOfTheService(t *testing.T) {
	b := newBench(t)
	b.create(t, "f", withHandler("no.runtime"))
	if got := codeAndText(b.invoking("f", "{}", "")(asCaller)); !strings.HasPrefix(got, "ServiceException: ") || !strings.Contains(got, "no runtime for handler no.runtime") {
		t.Error(got)
	}
}

func TestInvokerTellsNotFoundFromOtherErrors(t *testing.T) {
	b := newBench(t, func(o *Options) { o.RelaxedPermissions = true })
	b.create(t, "f")
	for _, arn := range []string{prefix + "none", prefix + "f:none", "arn:aws:lambda:eu-west-1:111111111111:function:f", "nonsense/"} {
		if _, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: arn}); !errors.Is(err, apigw.ErrFunctionNotFound) {
			t.Errorf("%s: %v", arn, err)
		}
	}
	_, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f", Payload: []byte("{")})
	if err == nil || errors.Is(err, apigw.ErrFunctionNotFound) || !strings.Contains(err.Error(), "Unexpected end-of-input") {
		t.Error(err)
	}
}

func TestInvokerKeepsTheTraceAndMakesARequestID(t *testing.T) {
	b := newBench(t, func(o *Options) { o.RelaxedPermissions = true; o.NewID = func() string { return "made" } })
	b.launcher.handle("index.trace", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		return fmt.Sprintf("%q", inv.TraceID), false
	})
	b.create(t, "f", withHandler("index.trace"))
	out, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f", TraceID: "Root=1-2-3"})
	check(t, err)
	if string(out.Payload) != `"Root=1-2-3;Sampled=0;Lineage=`+lineageOf(prefix+"f")+`:0"` || out.RequestID != "made" || out.ExecutedVersion != "$LATEST" {
		t.Errorf("got %+v", out)
	}
}

// CDK reference, "Tracing": an active function decides where nobody before has.
func TestAnActiveFunctionIsSampled(t *testing.T) {
	b := newBench(t, func(o *Options) { o.RelaxedPermissions = true })
	b.launcher.handle("index.trace", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		return fmt.Sprintf("%q", inv.TraceID), false
	})
	b.create(t, "f", withHandler("index.trace"), func(in *sdk.CreateFunctionInput) {
		in.TracingConfig = &types.TracingConfig{Mode: types.TracingModeActive}
	})
	for header, want := range map[string]string{"": ";Sampled=1;", "Root=1-2-3": ";Sampled=1;", "Root=1-2-3;Sampled=0": ";Sampled=0;"} {
		out, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f", TraceID: header})
		check(t, err)
		if !strings.Contains(string(out.Payload), want) {
			t.Errorf("%q: got %s", header, out.Payload)
		}
	}
}

// An update that was answered is what the next invocation runs, however many
// invocations race with it.
func TestInvocationAfterAnUpdateRunsTheNewConfiguration(t *testing.T) {
	b := newBench(t)
	b.launcher.handle("index.env", func(fn *lambdarunner.Function, _ *lambdarunner.Invocation) (string, bool) {
		return fmt.Sprintf("%q", fn.Environment["GENERATION"]), false
	})
	b.create(t, "f", withHandler("index.env"))
	ctx, stop := context.WithCancel(t.Context())
	var racing sync.WaitGroup
	for range 4 {
		racing.Go(func() {
			for ctx.Err() == nil {
				if err := b.invoking("f", "{}", "")(asCaller); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 25 {
		generation := fmt.Sprint(i)
		_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{
			FunctionName: aws.String("f"), Environment: &types.Environment{Variables: map[string]string{"GENERATION": generation}},
		})
		check(t, err)
		if got := string(b.invoke(t, "f", "{}").Payload); got != fmt.Sprintf("%q", generation) {
			t.Fatalf("after update %s: %s", generation, got)
		}
	}
	stop()
	racing.Wait()
}

// Who invokes reads no document: the store is closed and warm functions still run.
func TestWarmInvocationDoesNotReadTheStore(t *testing.T) {
	b := newBench(t, func(o *Options) { o.RelaxedPermissions = true })
	b.create(t, "f")
	b.invoke(t, "f", "1")
	check(t, b.Store.Close())
	if out := b.invoke(t, "f", "2"); string(out.Payload) != "2" {
		t.Errorf("got %s", out.Payload)
	}
	out, err := b.Invoke(t.Context(), apigw.InvokeRequest{FunctionARN: prefix + "f", Payload: []byte("3")})
	check(t, err)
	if string(out.Payload) != "3" {
		t.Errorf("got %s", out.Payload)
	}
}

func TestInvalidJSONIsExplainedAsJacksonDoes(t *testing.T) {
	for doc, want := range map[string]string{
		"nope":            "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
		"{\n \"a\": <x>}": "Unexpected character ('<' (code 60)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
		"[1,":             "Unexpected end-of-input",
	} {
		text, place, _ := strings.Cut(jacksonError([]byte(doc)), "\n at [Source: ")
		if text != want {
			t.Errorf("%s: %s", doc, text)
		}
		if doc[0] == '{' && !strings.HasSuffix(place, "line: 2, column: 7]") {
			t.Errorf("%s: %s", doc, place)
		}
	}
}

func BenchmarkWarmInvoke(b *testing.B) {
	s := newBench(b, func(o *Options) { o.RelaxedPermissions = true })
	s.create(b, "f")
	call := apigw.InvokeRequest{FunctionARN: prefix + "f", Payload: []byte(`{"a":1}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Invoke(b.Context(), call); err != nil {
			b.Fatal(err)
		}
	}
}
