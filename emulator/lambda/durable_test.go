package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/lambdarunner"
)

// A turn is one invocation of a durable function that speaks the protocol by hand.
type turn struct {
	b     *bench
	ctx   context.Context
	arn   string
	token string
	input string
	ops   map[string]types.Operation
	told  []string // UpdatedOperationIds
	next  string   // NextMarker
}

type answerOf struct {
	Status string
	Result *string            `json:",omitempty"`
	Error  *types.ErrorObject `json:",omitempty"`
}

var pendingAnswer = answerOf{Status: "PENDING"}

func succeeded(result string) answerOf { return answerOf{Status: "SUCCEEDED", Result: &result} }

// durably makes a function's code of what it does in a turn. An error of that is an error of the function.
func durably(b *bench, do func(*turn) (answerOf, error)) goHandler {
	return func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		var event struct {
			DurableExecutionArn, CheckpointToken string
			UpdatedOperationIds                  []string
			InitialExecutionState                struct {
				Operations []map[string]any
				NextMarker string
			}
		}
		if err := json.Unmarshal(inv.Payload, &event); err != nil {
			return fmt.Sprintf(`{"errorMessage":%q}`, err), true
		}
		t := &turn{
			b: b, ctx: asCaller, arn: event.DurableExecutionArn, token: event.CheckpointToken, ops: map[string]types.Operation{},
			told: event.UpdatedOperationIds, next: event.InitialExecutionState.NextMarker,
		}
		for _, o := range event.InitialExecutionState.Operations {
			t.keep(fromEvent(o))
		}
		out, err := do(t)
		if err != nil {
			return fmt.Sprintf(`{"errorType":"Oops","errorMessage":%q}`, err), true
		}
		payload, _ := json.Marshal(out)
		return string(payload), false
	}
}

// fromEvent reads an operation as the event has it: with times in milliseconds.
func fromEvent(o map[string]any) (op types.Operation) {
	var times func(map[string]any)
	times = func(m map[string]any) {
		for k, v := range m {
			if n, ok := v.(float64); ok && strings.HasSuffix(k, "Timestamp") {
				m[k] = time.UnixMilli(int64(n)).UTC()
			} else if inner, ok := v.(map[string]any); ok {
				times(inner)
			}
		}
	}
	times(o)
	b, _ := json.Marshal(o)
	if err := json.Unmarshal(b, &op); err != nil {
		panic(err)
	}
	return op
}

func (t *turn) keep(o types.Operation) {
	if o.Type == types.OperationTypeExecution {
		t.input = aws.ToString(o.ExecutionDetails.InputPayload)
	}
	t.ops[*o.Id] = o
}

func (t *turn) checkpoint(updates ...types.OperationUpdate) error {
	out, err := t.b.durable.CheckpointDurableExecution(t.ctx, &sdk.CheckpointDurableExecutionInput{
		DurableExecutionArn: &t.arn, CheckpointToken: &t.token, Updates: updates,
	})
	if err != nil {
		return err
	}
	t.token = aws.ToString(out.CheckpointToken)
	for _, o := range out.NewExecutionState.Operations {
		t.keep(o)
	}
	return nil
}

func (t *turn) status(id string) types.OperationStatus { return t.ops[id].Status }

func updateOf(kind types.OperationType, action types.OperationAction, id string, change ...func(*types.OperationUpdate)) types.OperationUpdate {
	u := types.OperationUpdate{Id: &id, Type: kind, Action: action}
	for _, f := range change {
		f(&u)
	}
	return u
}

func startOf(kind types.OperationType, id string, change ...func(*types.OperationUpdate)) types.OperationUpdate {
	return updateOf(kind, types.OperationActionStart, id, change...)
}

func payload(p string) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) { u.Payload = &p }
}

func waiting(seconds int32) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) { u.WaitOptions = &types.WaitOptions{WaitSeconds: &seconds} }
}

func retrying(seconds int32) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) {
		u.StepOptions = &types.StepOptions{NextAttemptDelaySeconds: &seconds}
	}
}

func failing(text string) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) { u.Error = &types.ErrorObject{ErrorMessage: &text} }
}

func timingOut(seconds, heartbeat int32) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) {
		u.CallbackOptions = &types.CallbackOptions{TimeoutSeconds: seconds, HeartbeatTimeoutSeconds: heartbeat}
	}
}

func calling(function string) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) {
		u.ChainedInvokeOptions = &types.ChainedInvokeOptions{FunctionName: &function}
	}
}

func inside(parent string) func(*types.OperationUpdate) {
	return func(u *types.OperationUpdate) { u.ParentId = &parent }
}

// createDurable makes a durable function f whose code is do.
func (b *bench) createDurable(t testing.TB, name string, timeout int32, do func(*turn) (answerOf, error)) {
	t.Helper()
	b.launcher.handle("index."+name, durably(b, do))
	b.create(t, name, withHandler("index."+name), func(in *sdk.CreateFunctionInput) {
		in.DurableConfig = &types.DurableConfig{ExecutionTimeout: &timeout}
	})
}

func (b *bench) begin(t testing.TB, function, input string) string {
	t.Helper()
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{
		FunctionName: &function, Qualifier: aws.String(latest), Payload: []byte(input), InvocationType: types.InvocationTypeEvent,
	})
	check(t, err)
	if out.StatusCode != 202 || out.DurableExecutionArn == nil {
		t.Fatalf("begun: %+v", out)
	}
	return *out.DurableExecutionArn
}

func (b *bench) execution(t testing.TB, arn string) *sdk.GetDurableExecutionOutput {
	t.Helper()
	out, err := b.durable.GetDurableExecution(asCaller, &sdk.GetDurableExecutionInput{DurableExecutionArn: &arn})
	check(t, err)
	return out
}

// historyOf is the execution's events, one word each but for the invocations: "StepStarted:a".
func (b *bench) historyOf(t testing.TB, arn string) string {
	t.Helper()
	out, err := b.durable.GetDurableExecutionHistory(asCaller, &sdk.GetDurableExecutionHistoryInput{DurableExecutionArn: &arn, MaxItems: 1000})
	check(t, err)
	var words []string
	for i, e := range out.Events {
		if int(*e.EventId) != i+1 {
			t.Errorf("event %d has the id %d", i+1, *e.EventId)
		}
		word := string(e.EventType)
		if e.Id != nil && !strings.HasPrefix(word, "Execution") {
			word += ":" + *e.Id
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// wantEnd checks how an execution is now.
func (b *bench) wantEnd(t testing.TB, arn string, status types.ExecutionStatus, result string) {
	t.Helper()
	x := b.execution(t, arn)
	got := aws.ToString(x.Result)
	if x.Error != nil {
		got = aws.ToString(x.Error.ErrorType) + ": " + aws.ToString(x.Error.ErrorMessage)
	}
	if x.Status != status || got != result || (status != types.ExecutionStatusRunning) != (x.EndTimestamp != nil) {
		t.Errorf("got %s %q, want %s %q", x.Status, got, status, result)
	}
}

const (
	stepType    = types.OperationTypeStep
	waitType    = types.OperationTypeWait
	contextType = types.OperationTypeContext
	invokeType  = types.OperationTypeChainedInvoke
	backType    = types.OperationTypeCallback
	succeed     = types.OperationActionSucceed
)

// stepAndWait does a step, waits for an hour and answers its input.
func stepAndWait(t *turn) (answerOf, error) {
	if t.status("s") == "" {
		if err := t.checkpoint(startOf(stepType, "s"), updateOf(stepType, succeed, "s", payload(`"done"`))); err != nil {
			return answerOf{}, err
		}
	}
	switch t.status("w") {
	case "":
		return pendingAnswer, t.checkpoint(startOf(waitType, "w", waiting(3600)))
	case types.OperationStatusSucceeded:
		return succeeded(t.input), nil
	}
	return pendingAnswer, nil
}

func TestDurableExecutionStepsWaitsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.createDurable(t, "f", 86400, stepAndWait)
		began := time.Now()
		arn := b.begin(t, "f", `{"n":1}`)
		if want := prefix + "f:$LATEST/durable-execution/"; !strings.HasPrefix(arn, want) {
			t.Errorf("ARN %s", arn)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusRunning, "")
		time.Sleep(time.Hour)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusSucceeded, `{"n":1}`)
		x := b.execution(t, arn)
		if d := x.EndTimestamp.Sub(began).Round(time.Second); d != time.Hour {
			t.Errorf("took %s", d)
		}
		want := "ExecutionStarted StepStarted:s StepSucceeded:s WaitStarted:w InvocationCompleted WaitSucceeded:w InvocationCompleted ExecutionSucceeded"
		if got := b.historyOf(t, arn); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if *x.InputPayload != `{"n":1}` || *x.Version != latest || *x.DurableConfig.RetentionPeriodInDays != 14 {
			t.Errorf("got %+v", x)
		}
		time.Sleep(15 * 24 * time.Hour)
		synctest.Wait()
		_, err := b.durable.GetDurableExecution(asCaller, &sdk.GetDurableExecutionInput{DurableExecutionArn: &arn})
		if got := codeAndText(err); got != "ResourceNotFoundException: Durable Execution does not exist" {
			t.Errorf("after the retention period: %s", got)
		}
		b.stop()
	})
}

func TestDurableExecutionSurvivesARestartInAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.createDurable(t, "f", 86400, stepAndWait)
		arn := b.begin(t, "f", `1`)
		time.Sleep(time.Minute)
		synctest.Wait()
		b.stop()
		time.Sleep(30 * time.Minute)
		b.start(t)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusRunning, "")
		b.stop()
		time.Sleep(time.Hour) // it is over when the program starts
		b.start(t)
		time.Sleep(time.Second)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusSucceeded, `1`)
		if got := b.historyOf(t, arn); strings.Count(got, "InvocationCompleted") != 2 {
			t.Errorf("history %s", got)
		}
		b.stop()
	})
}

func TestDurableInvocationThatARestartCutsIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		stuck, release := make(chan bool, 1), make(chan bool)
		b.createDurable(t, "f", 86400, func(t *turn) (answerOf, error) {
			if t.status("s") == "" {
				if err := t.checkpoint(startOf(stepType, "s")); err != nil {
					return answerOf{}, err
				}
				stuck <- true
				<-release
				return answerOf{}, errors.New("killed")
			}
			return succeeded(string(t.status("s"))), nil
		})
		arn := b.begin(t, "f", `1`)
		<-stuck
		time.AfterFunc(2*time.Second, func() { close(release) })
		b.stop()
		b.start(t)
		time.Sleep(time.Second)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusSucceeded, `STARTED`)
		b.stop()
	})
}

func TestDurableStepIsTriedAgainWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var at []time.Time
		b.createDurable(t, "f", 86400, func(t *turn) (answerOf, error) {
			at = append(at, time.Now())
			if n := t.ops["s"].StepDetails; n != nil && n.Attempt == 2 {
				if t.status("s") != types.OperationStatusReady || len(t.told) != 1 {
					return answerOf{}, fmt.Errorf("status %s, told %v", t.status("s"), t.told)
				}
				return succeeded("2"), t.checkpoint(startOf(stepType, "s"), updateOf(stepType, succeed, "s"))
			}
			return pendingAnswer, t.checkpoint(startOf(stepType, "s"), updateOf(stepType, types.OperationActionRetry, "s", failing("no"), retrying(60)))
		})
		arn := b.begin(t, "f", `1`)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusSucceeded, "2")
		if len(at) != 3 || at[2].Sub(at[0]).Round(time.Second) != 2*time.Minute {
			t.Errorf("invoked at %v", at)
		}
		want := "ExecutionStarted StepStarted:s StepFailed:s InvocationCompleted StepStarted:s StepFailed:s InvocationCompleted " +
			"StepStarted:s StepSucceeded:s InvocationCompleted ExecutionSucceeded"
		if got := b.historyOf(t, arn); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		b.stop()
	})
}

// Developer Guide, "Retries for Lambda durable functions": invocations are retried until the execution times out.
func TestFailedInvocationsAreRetriedUntilTheExecutionTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		n := 0
		b.createDurable(t, "f", 600, func(t *turn) (answerOf, error) {
			n++
			return answerOf{}, errors.New("out of order")
		})
		arn := b.begin(t, "f", `1`)
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusTimedOut, "Execution.Timeout: Execution timed out after 600 seconds.")
		if n != 10 { // after 1, 2, 4 … 256 and 300 seconds
			t.Errorf("invoked %d times", n)
		}
		if got := b.historyOf(t, arn); !strings.HasSuffix(got, "InvocationCompleted ExecutionTimedOut") {
			t.Errorf("history %s", got)
		}
		b.stop()
	})
}

func TestAnswersThatFailAnExecution(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer answerOf
		want   string
	}{
		{"pending for nothing", pendingAnswer, "InvalidParameterValueException: Cannot return PENDING status with no pending operations."},
		{"no status", answerOf{}, "InvalidParameterValueException: Invalid Status in invocation output."},
		{"both", answerOf{Status: "SUCCEEDED", Error: &types.ErrorObject{}}, "InvalidParameterValueException: Cannot provide an Error for SUCCEEDED status."},
		{"failed with a result", answerOf{Status: "FAILED", Result: aws.String("1")}, "InvalidParameterValueException: Cannot provide a Result for FAILED status."},
		{"failed", answerOf{Status: "FAILED", Error: &types.ErrorObject{ErrorType: aws.String("T"), ErrorMessage: aws.String("m")}}, "T: m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.createDurable(t, "f", 60, func(*turn) (answerOf, error) { return c.answer, nil })
			out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")})
			check(t, err)
			var e struct{ ErrorType, ErrorMessage string }
			check(t, json.Unmarshal(out.Payload, &e))
			if got := e.ErrorType + ": " + e.ErrorMessage; got != c.want || aws.ToString(out.FunctionError) != "Unhandled" || out.StatusCode != 200 {
				t.Errorf("got %s %+v", got, out)
			}
			b.wantEnd(t, *out.DurableExecutionArn, types.ExecutionStatusFailed, c.want)
		})
	}
}

func TestDurableCallbacks(t *testing.T) {
	success := func(b *bench, id string) error {
		_, err := b.durable.SendDurableExecutionCallbackSuccess(asCaller, &sdk.SendDurableExecutionCallbackSuccessInput{CallbackId: &id, Result: []byte(`"yes"`)})
		return err
	}
	for _, c := range []struct {
		name string
		send func(b *bench, id string) error
		want string // status, result and error of the operation
		took time.Duration
	}{
		{"succeed", success, `SUCCEEDED "yes" `, time.Minute},
		{"fail", func(b *bench, id string) error {
			_, err := b.durable.SendDurableExecutionCallbackFailure(asCaller, &sdk.SendDurableExecutionCallbackFailureInput{
				CallbackId: &id, Error: &types.ErrorObject{ErrorMessage: aws.String("no")}})
			return err
		}, `FAILED  no`, time.Minute},
		{"give no sign", func(*bench, string) error { return nil }, `TIMED_OUT  Callback timed out on heartbeat`, 5 * time.Minute},
		{"give a sign", func(b *bench, id string) error {
			_, err := b.durable.SendDurableExecutionCallbackHeartbeat(asCaller, &sdk.SendDurableExecutionCallbackHeartbeatInput{CallbackId: &id})
			return err
		}, `TIMED_OUT  Callback timed out on heartbeat`, 6 * time.Minute},
		{"give signs, but never come", func(b *bench, id string) error {
			go func() {
				for range 4 {
					_, _ = b.durable.SendDurableExecutionCallbackHeartbeat(asCaller, &sdk.SendDurableExecutionCallbackHeartbeatInput{CallbackId: &id})
					time.Sleep(3 * time.Minute)
				}
			}()
			return nil
		}, `TIMED_OUT  Callback timed out`, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				ids := make(chan string, 1)
				b.createDurable(t, "f", 3600, func(t *turn) (answerOf, error) {
					if t.status("c") == "" {
						err := t.checkpoint(startOf(backType, "c", timingOut(600, 300)))
						ids <- *t.ops["c"].CallbackDetails.CallbackId
						return pendingAnswer, err
					}
					d := t.ops["c"].CallbackDetails
					text := ""
					if d.Error != nil {
						text = *d.Error.ErrorMessage
					}
					return succeeded(fmt.Sprintf("%s %s %s", t.status("c"), aws.ToString(d.Result), text)), nil
				})
				arn := b.begin(t, "f", `1`)
				id := <-ids
				time.Sleep(time.Minute)
				check(t, c.send(b, id))
				time.Sleep(15 * time.Minute)
				synctest.Wait()
				b.wantEnd(t, arn, types.ExecutionStatusSucceeded, c.want)
				x := b.execution(t, arn)
				if d := x.EndTimestamp.Sub(*x.StartTimestamp).Round(time.Second); d != c.took {
					t.Errorf("took %s, want %s", d, c.took)
				}
				if got := codeAndText(success(b, id)); got != "CallbackTimeoutException: The callback is either timed out or already completed" {
					t.Errorf("a second time: %s", got)
				}
				b.stop()
			})
		})
	}
}

func TestChainedInvocations(t *testing.T) {
	for _, c := range []struct{ function, want string }{
		{"plain", `SUCCEEDED {"a":1} `},
		{"broken", `FAILED  Boom: broken`},
		{"child:$LATEST", `SUCCEEDED "child of {"a":1}" `},
		{"slow:$LATEST", `TIMED_OUT  ChainedInvoke.Timeout: CHAINED_INVOKE timed out after 60 seconds.`},
		{"child", `FAILED  InvalidParameterValueException: You cannot invoke a durable function using an unqualified ARN.`},
		{"missing:1", `FAILED  ResourceNotFoundException: Function not found: ` + prefix + `missing:1`},
	} {
		t.Run(c.function, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.create(t, "plain")
				b.launcher.handle("index.broken", func(*lambdarunner.Function, *lambdarunner.Invocation) (string, bool) {
					return `{"errorType":"Boom","errorMessage":"broken"}`, true
				})
				b.create(t, "broken", withHandler("index.broken"))
				b.createDurable(t, "child", 60, func(t *turn) (answerOf, error) { return succeeded(`"child of ` + t.input + `"`), nil })
				b.createDurable(t, "slow", 60, stepAndWait)
				b.createDurable(t, "f", 3600, func(t *turn) (answerOf, error) {
					if t.status("i") == "" {
						if err := t.checkpoint(startOf(invokeType, "i", calling(c.function), payload(`{"a":1}`))); err != nil {
							return answerOf{}, err
						}
					}
					o := t.ops["i"]
					if o.Status == types.OperationStatusStarted {
						return pendingAnswer, nil
					}
					text := ""
					if e := o.ChainedInvokeDetails.Error; e != nil {
						text = *e.ErrorType + ": " + *e.ErrorMessage
					}
					return succeeded(fmt.Sprintf("%s %s %s", o.Status, aws.ToString(o.ChainedInvokeDetails.Result), text)), nil
				})
				arn := b.begin(t, "f", `1`)
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				b.wantEnd(t, arn, types.ExecutionStatusSucceeded, c.want)
				b.stop()
			})
		})
	}
}

func TestUpdatesThatAreRefused(t *testing.T) {
	const fail, retry, cancel = types.OperationActionFail, types.OperationActionRetry, types.OperationActionCancel
	const executionType = types.OperationTypeExecution
	big := strings.Repeat("x", 1<<20+1)
	for _, c := range []struct {
		name   string
		before []types.OperationUpdate
		then   []types.OperationUpdate
		want   string
	}{
		{"step twice", []types.OperationUpdate{startOf(stepType, "a")}, []types.OperationUpdate{startOf(stepType, "a")}, "Invalid current STEP state to start."},
		{"step after its end", []types.OperationUpdate{updateOf(stepType, succeed, "a")}, []types.OperationUpdate{updateOf(stepType, fail, "a")}, "Invalid current STEP state to close."},
		{"retry after the end", []types.OperationUpdate{updateOf(stepType, succeed, "a")}, []types.OperationUpdate{updateOf(stepType, retry, "a", retrying(1))}, "Invalid current STEP state to re-attempt."},
		{"retry without a delay", nil, []types.OperationUpdate{updateOf(stepType, retry, "a")}, "Invalid StepOptions for the given action."},
		{"retry with both", nil, []types.OperationUpdate{updateOf(stepType, retry, "a", retrying(1), payload("1"), failing("x"))}, "Cannot provide both error and payload to RETRY a STEP."},
		{"start while it waits for its next attempt", []types.OperationUpdate{updateOf(stepType, retry, "a", retrying(60))}, []types.OperationUpdate{startOf(stepType, "a")}, "Invalid current STEP state to start."},
		{"succeed with an error", nil, []types.OperationUpdate{updateOf(stepType, succeed, "a", failing("x"))}, "Cannot provide an Error for SUCCEED action."},
		{"fail with a payload", nil, []types.OperationUpdate{updateOf(contextType, fail, "a", payload("1"))}, "Cannot provide a Payload for FAIL action."},
		{"cancel a step", nil, []types.OperationUpdate{updateOf(stepType, cancel, "a")}, "Invalid action for the given operation type."},
		{"succeed a wait", nil, []types.OperationUpdate{updateOf(waitType, succeed, "a")}, "Invalid action for the given operation type."},
		{"start the execution", nil, []types.OperationUpdate{startOf(executionType, "a")}, "Invalid action for the given operation type."},
		{"wait twice", []types.OperationUpdate{startOf(waitType, "a", waiting(9))}, []types.OperationUpdate{startOf(waitType, "a", waiting(9))}, "Cannot start a WAIT that already exists."},
		{"wait for no time", nil, []types.OperationUpdate{startOf(waitType, "a")}, "Update for WAIT operation requires WaitOptions."},
		{"cancel what is not there", nil, []types.OperationUpdate{updateOf(waitType, cancel, "a")}, "Cannot cancel a WAIT that does not exist or has already completed."},
		{"cancel twice", []types.OperationUpdate{startOf(waitType, "a", waiting(9)), startOf(stepType, "b"), updateOf(stepType, succeed, "b")},
			[]types.OperationUpdate{updateOf(waitType, cancel, "b")}, "Inconsistent operation type."},
		{"callback twice", []types.OperationUpdate{startOf(backType, "a")}, []types.OperationUpdate{startOf(backType, "a")}, "Cannot start a CALLBACK that already exists."},
		{"invoke nothing", nil, []types.OperationUpdate{startOf(invokeType, "a")}, "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions."},
		{"context twice", []types.OperationUpdate{startOf(contextType, "a")}, []types.OperationUpdate{startOf(contextType, "a")}, "Cannot start a CONTEXT that already exists."},
		{"context after its end", []types.OperationUpdate{updateOf(contextType, succeed, "a")}, []types.OperationUpdate{updateOf(contextType, succeed, "a")}, "Invalid current CONTEXT state to close."},
		{"in a parent that is not there", nil, []types.OperationUpdate{startOf(stepType, "a", inside("p"))}, "Invalid parent operation id."},
		{"in a step", []types.OperationUpdate{startOf(stepType, "p")}, []types.OperationUpdate{startOf(stepType, "a", inside("p"))}, "Invalid parent operation id."},
		{"in another parent", []types.OperationUpdate{startOf(stepType, "a"), startOf(contextType, "p")}, []types.OperationUpdate{updateOf(stepType, succeed, "a", inside("p"))}, "Inconsistent parent operation id."},
		{"twice in one request", nil, []types.OperationUpdate{startOf(waitType, "a", waiting(1)), updateOf(waitType, cancel, "a")}, "Cannot update the same operation twice in a single request."},
		{"end twice", nil, []types.OperationUpdate{updateOf(executionType, succeed, "a"), updateOf(executionType, succeed, "b")}, "Cannot checkpoint multiple EXECUTION updates."},
		{"end first", nil, []types.OperationUpdate{updateOf(executionType, succeed, "a"), startOf(stepType, "b")}, "EXECUTION checkpoint must be the last update."},
		{"too much of a step", nil, []types.OperationUpdate{updateOf(stepType, succeed, "a", payload(big))}, "STEP payload size must be less than or equal to 1048576 bytes."},
		{"too much of an error", nil, []types.OperationUpdate{updateOf(stepType, fail, "a", failing(big))}, "Error object size must be less than 1048576 bytes."},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			var refused, after error
			b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
				if err := t.checkpoint(c.before...); err != nil {
					return answerOf{}, err
				}
				refused = t.checkpoint(append([]types.OperationUpdate{startOf(stepType, "kept")}, c.then...)...)
				after = t.checkpoint(startOf(stepType, "kept")) // nothing of what was refused is there, and the token is good still
				return succeeded("1"), nil
			})
			_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")})
			check(t, err)
			if got := codeAndText(refused); got != "InvalidParameterValueException: "+c.want || after != nil {
				t.Errorf("got %s, then %v", got, after)
			}
		})
	}
}

func TestCheckpointTokensAreGoodOnce(t *testing.T) {
	b := newBench(t)
	const stale = "InvalidParameterValueException: Invalid checkpoint token"
	results := make(chan map[string]string, 1) // the caller is answered before the function is: its last checkpoint ends the execution
	b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
		first, got := t.token, map[string]string{}
		defer func() { results <- got }()
		in := &sdk.CheckpointDurableExecutionInput{DurableExecutionArn: &t.arn, CheckpointToken: &first, ClientToken: aws.String("c"),
			Updates: []types.OperationUpdate{startOf(stepType, "a")}}
		one, err := t.b.durable.CheckpointDurableExecution(t.ctx, in)
		if err != nil {
			return answerOf{}, err
		}
		again, err := t.b.durable.CheckpointDurableExecution(t.ctx, in)
		if err != nil {
			return answerOf{}, err
		}
		if *one.CheckpointToken != *again.CheckpointToken || len(again.NewExecutionState.Operations) != 1 {
			return answerOf{}, fmt.Errorf("repeated: %+v", again)
		}
		got["used"] = codeAndText(t.checkpoint())
		t.token = "bm9uc2Vuc2U="
		got["nonsense"] = codeAndText(t.checkpoint())
		t.token = *one.CheckpointToken
		err = t.checkpoint(updateOf(types.OperationTypeExecution, succeed, "any", payload("7")))
		if t.token != "" {
			got["last"] = t.token
		}
		t.token = *one.CheckpointToken
		got["ended"] = codeAndText(t.checkpoint())
		return succeeded(""), err
	})
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")})
	check(t, err)
	if string(out.Payload) != "7" || out.FunctionError != nil {
		t.Errorf("answered %s %s", out.Payload, aws.ToString(out.FunctionError))
	}
	got := <-results
	for name, text := range got {
		if text != stale {
			t.Errorf("%s: %s", name, text)
		}
	}
	if len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func TestExecutionNamesAreTaken(t *testing.T) {
	b := newBench(t)
	n := 0
	b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
		n++
		return succeeded(t.input), nil
	})
	invoke := func(name, payload string) (*sdk.InvokeOutput, error) {
		return b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST"), Payload: []byte(payload), DurableExecutionName: &name})
	}
	one, err := invoke("order-1", "1")
	check(t, err)
	same, err := invoke("order-1", "1")
	check(t, err)
	if *same.DurableExecutionArn != *one.DurableExecutionArn || string(same.Payload) != "1" || n != 1 ||
		!strings.Contains(*one.DurableExecutionArn, "/durable-execution/order-1/") {
		t.Errorf("got %s and %s, invoked %d times", *one.DurableExecutionArn, *same.DurableExecutionArn, n)
	}
	for _, c := range []struct{ name, payload, want string }{
		{"order-1", "2", "DurableExecutionAlreadyStartedException: Execution already started: " + *one.DurableExecutionArn},
		{"a b", "1", "ValidationException: 1 validation error detected: Value 'a b' at 'durableExecutionName' failed to satisfy constraint: " +
			"Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+"},
	} {
		if _, err := invoke(c.name, c.payload); codeAndText(err) != c.want {
			t.Errorf("%s: %s", c.name, codeAndText(err))
		}
	}
}

func TestInvocationsOfDurableFunctionsThatAreRefused(t *testing.T) {
	b := newBench(t)
	b.createDurable(t, "f", 901, stepAndWait)
	b.create(t, "plain")
	for _, c := range []struct {
		in   sdk.InvokeInput
		want string
	}{
		{sdk.InvokeInput{FunctionName: aws.String("f")}, "InvalidParameterValueException: You cannot invoke a durable function using an unqualified ARN."},
		{sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")}, "InvalidParameterValueException: You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes."},
		{sdk.InvokeInput{FunctionName: aws.String("plain"), DurableExecutionName: aws.String("n")}, "InvalidParameterValueException: A durable execution name can be given to durable functions only."},
	} {
		if _, err := b.InvokeFunction(asCaller, &c.in); codeAndText(err) != c.want {
			t.Errorf("%s: %s", *c.in.FunctionName, codeAndText(err))
		}
	}
}

func TestDurableConfig(t *testing.T) {
	b := newBench(t)
	create := func(name string, c types.DurableConfig) error {
		_, err := b.CreateFunction(asCaller, newFunction(name, func(in *sdk.CreateFunctionInput) { in.DurableConfig = &c }))
		return err
	}
	set := func(name string, c types.DurableConfig) error {
		_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: &name, DurableConfig: &c})
		return err
	}
	b.create(t, "plain")
	check(t, create("f", types.DurableConfig{ExecutionTimeout: aws.Int32(60)}))
	check(t, set("f", types.DurableConfig{RetentionPeriodInDays: aws.Int32(3)}))
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no time-out": {create("g", types.DurableConfig{}), "InvalidParameterValueException: You cannot create a function with a durable configuration without an executionTimeout"},
		"none":        {create("g", types.DurableConfig{ExecutionTimeout: aws.Int32(0)}), "ValidationException: 1 validation error detected: Value '0' at 'durableConfig.executionTimeout' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"too long":    {set("f", types.DurableConfig{RetentionPeriodInDays: aws.Int32(91)}), "ValidationException: 1 validation error detected: Value '91' at 'durableConfig.retentionPeriodInDays' failed to satisfy constraint: Member must have value less than or equal to 90"},
		"a key":       {set("f", types.DurableConfig{KMSKeyArn: aws.String("arn:aws:kms:us-east-1:111111111111:key/a")}), "InvalidParameterValueException: KMSKeyArn of DurableConfig is not emulated by Postern yet. Leave it out to go on without it."},
		"added":       {set("plain", types.DurableConfig{ExecutionTimeout: aws.Int32(60)}), "InvalidParameterValueException: You cannot add a durable configuration to a function that was created without one."},
	} {
		if got := codeAndText(c.err); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if c := b.configuration(t, "f").DurableConfig; *c.ExecutionTimeout != 60 || *c.RetentionPeriodInDays != 3 {
		t.Errorf("got %+v", c)
	}
	if c := b.configuration(t, "plain").DurableConfig; c != nil {
		t.Errorf("got %+v", c)
	}
}

func TestStoppedExecutionTakesNoMoreCheckpoints(t *testing.T) {
	b := newBench(t)
	refused := make(chan error, 1)
	b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
		_, err := t.b.durable.StopDurableExecution(t.ctx, &sdk.StopDurableExecutionInput{
			DurableExecutionArn: &t.arn, Error: &types.ErrorObject{ErrorType: aws.String("Enough"), ErrorMessage: aws.String("of it")}})
		if err == nil {
			err = t.checkpoint()
		}
		refused <- err
		return succeeded("1"), nil
	})
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")})
	check(t, err)
	if got := codeAndText(<-refused); got != "InvalidParameterValueException: Invalid checkpoint token" {
		t.Error(got)
	}
	b.wantEnd(t, *out.DurableExecutionArn, types.ExecutionStatusStopped, "Enough: of it")
	if string(out.Payload) != `{"errorMessage":"of it","errorType":"Enough"}` {
		t.Errorf("answered %s", out.Payload)
	}
}

func TestDeletingAFunctionEndsWhatWaitsForItsExecutions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.createDurable(t, "slow", 600, stepAndWait)
		b.createDurable(t, "f", 600, func(t *turn) (answerOf, error) {
			switch t.status("i") {
			case "":
				return pendingAnswer, t.checkpoint(startOf(invokeType, "i", calling("slow:$LATEST")))
			case types.OperationStatusStarted:
				return pendingAnswer, nil
			}
			return succeeded(*t.ops["i"].ChainedInvokeDetails.Error.ErrorType), nil
		})
		arn := b.begin(t, "f", "1")
		synctest.Wait()
		_, err := b.DeleteFunction(asCaller, &sdk.DeleteFunctionInput{FunctionName: aws.String("slow")})
		check(t, err)
		synctest.Wait()
		b.wantEnd(t, arn, types.ExecutionStatusSucceeded, "ResourceNotFoundException")
		b.stop()
	})
}

// What a context has in it is not given to the function again when the context's result is all that it needs.
func TestStateComesInPagesWithoutWhatIsDoneWith(t *testing.T) {
	b := newBench(t)
	replay := func(u *types.OperationUpdate) {
		u.ContextOptions = &types.ContextOptions{ReplayChildren: aws.Bool(true)}
	}
	var got []string
	b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
		err := t.checkpoint(
			startOf(contextType, "a"), startOf(stepType, "a1", inside("a")), updateOf(contextType, succeed, "a"),
			startOf(contextType, "b"), startOf(contextType, "b1", inside("b")), startOf(stepType, "b2", inside("b1")),
			updateOf(contextType, succeed, "b1"), updateOf(contextType, succeed, "b", replay),
			startOf(contextType, "c"), startOf(stepType, "c1", inside("c")),
		)
		for marker := ""; err == nil; {
			var out *sdk.GetDurableExecutionStateOutput
			out, err = t.b.durable.GetDurableExecutionState(t.ctx, &sdk.GetDurableExecutionStateInput{
				DurableExecutionArn: &t.arn, CheckpointToken: &t.token, MaxItems: 2, Marker: &marker})
			if err != nil {
				break
			}
			for _, o := range out.Operations {
				got = append(got, *o.Id)
			}
			if len(out.Operations) > 2 {
				return answerOf{}, errors.New("a page is too long")
			}
			if marker = aws.ToString(out.NextMarker); marker == "" {
				break
			}
		}
		if err != nil {
			return succeeded(err.Error()), nil
		}
		return succeeded("1"), nil
	})
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST")})
	check(t, err)
	if len(got) == 0 || strings.Join(got[1:], " ") != "a b b1 c c1" {
		t.Errorf("got %v, %s", got, out.Payload)
	}
}

func TestExecutionsAreListed(t *testing.T) {
	b := newBench(t)
	b.createDurable(t, "f", 60, func(t *turn) (answerOf, error) {
		if t.input == "0" {
			return answerOf{Status: "FAILED"}, nil
		}
		return succeeded("1"), nil
	})
	for i, name := range []string{"a", "b", "c"} {
		_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f:$LATEST"), DurableExecutionName: &name, Payload: fmt.Append(nil, i)})
		check(t, err)
	}
	list := func(in sdk.ListDurableExecutionsByFunctionInput) (names string) {
		in.FunctionName = aws.String("f")
		for {
			out, err := b.ListDurableExecutionsByFunction(asCaller, &in)
			check(t, err)
			for _, x := range out.DurableExecutions {
				names += *x.DurableExecutionName
			}
			if in.Marker = out.NextMarker; in.Marker == nil {
				return names
			}
			names += "|"
		}
	}
	tomorrow := time.Now().Add(24 * time.Hour)
	for want, in := range map[string]sdk.ListDurableExecutionsByFunctionInput{
		"cb|a": {MaxItems: 2},
		"abc":  {ReverseOrder: aws.Bool(true)},
		"b":    {DurableExecutionName: aws.String("b")},
		"a":    {Statuses: []types.ExecutionStatus{types.ExecutionStatusFailed}},
		"cba":  {StartedBefore: &tomorrow, Qualifier: aws.String(latest)},
		"":     {StartedAfter: &tomorrow},
	} {
		if got := list(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Developer Guide, "Invoking durable Lambda functions": they have dead-letter queues, but no destinations.
func TestFailedExecutionGoesToTheDeadLetterQueue(t *testing.T) {
	letters := make(chan Delivery, 1)
	b := newBench(t, func(o *Options) { o.Deliver = tellTo(letters) })
	b.createDurable(t, "f", 60, func(*turn) (answerOf, error) {
		return answerOf{Status: "FAILED", Error: &types.ErrorObject{ErrorMessage: aws.String("no")}}, nil
	})
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String("arn:aws:sqs:us-east-1:111111111111:dead")}})
	check(t, err)
	b.begin(t, "f", `{"n":1}`)
	if d := <-letters; string(d.Body) != `{"n":1}` || d.Attributes["ErrorMessage"][1] != "no" {
		t.Errorf("got %+v", d)
	}
	_, err = b.PutFunctionEventInvokeConfig(asCaller, &sdk.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String(latest),
		DestinationConfig: &types.DestinationConfig{OnSuccess: &types.OnSuccess{Destination: aws.String("arn:aws:sqs:us-east-1:111111111111:done")}}})
	if got := codeAndText(err); got != "InvalidParameterValueException: Durable functions do not support Lambda invocation destinations." {
		t.Error(got)
	}
}
