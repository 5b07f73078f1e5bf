package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// An invocationEvent is what a durable function is invoked with.
type invocationEvent struct {
	DurableExecutionArn   string
	CheckpointToken       string
	InitialExecutionState initialState
	UpdatedOperationIds   []string // those that have changed since the function was told last
}

type initialState struct {
	Operations []eventOperation
	NextMarker string // "" where these are all; the rest is behind GetDurableExecutionState
}

// maxState is how much of the operations goes along with an invocation.
const maxState = 4 << 20

const maxRetryDelay = 5 * time.Minute

// invoke makes an invocation of an execution's function and takes its answer.
func (e *Engine) invoke(k key, id string) {
	e.current.Store(id, nil)
	defer e.current.Delete(id)
	var event invocationEvent
	var x execution
	err := e.change(e.running, k, func(c *change) (err error) {
		if c.x.Invocation != id || !c.x.running() {
			return errSuperseded
		}
		event, err = c.begin()
		x = *c.x
		return err
	})
	if err != nil {
		e.lost(k, err)
		return
	}
	payload, err := json.Marshal(event)
	if err != nil {
		e.lost(k, err)
		return
	}
	answer, err := e.Runner.Run(e.running, x.Function, Call{RequestID: id, Payload: payload, TraceID: x.TraceID})
	if e.running.Err() != nil && (err != nil || answer.Failed) {
		return // stopped half-way: it is made anew after the next start
	}
	ctx := context.WithoutCancel(e.running) // what has run is not to run again because the program is about to stop
	if err := e.change(ctx, k, func(c *change) error { return c.answered(id, answer, err) }); err != nil {
		e.lost(k, err)
	}
}

var errSuperseded = errors.New("superseded")

// invoking tells an invocation that runs in this program.
func (e *Engine) invoking(id string) bool {
	_, ok := e.current.Load(id)
	return ok
}

func (e *Engine) lost(k key, err error) {
	if errors.Is(err, errSuperseded) || errors.Is(err, store.ErrNotFound) || e.running.Err() != nil {
		return // ended, or deleted with its function
	}
	e.Logger.Error("durable execution goes on after the next start only", "execution", k.ID, "err", err)
}

// begin notes that the function is invoked, and makes its event.
func (c *change) begin() (invocationEvent, error) {
	x := c.x
	x.Begun = c.now
	state, next, err := c.state(0, maxItems, maxState)
	v := invocationEvent{
		DurableExecutionArn: x.arn(), CheckpointToken: c.token(), UpdatedOperationIds: append([]string{}, x.Unseen...),
		InitialExecutionState: initialState{Operations: make([]eventOperation, len(state))},
	}
	for i, o := range state {
		v.InitialExecutionState.Operations[i] = newEventOperation(o.Operation)
	}
	if next != nil {
		v.InitialExecutionState.NextMarker = *next
	}
	x.Unseen, x.Told = nil, false
	return v, err
}

// An output is what a durable function answers.
type output struct {
	Status string
	Result *string
	Error  *types.ErrorObject
}

// answered decides what follows from the answer to an invocation.
func (c *change) answered(id string, a Answer, failure error) error {
	x := c.x
	if x.Invocation != id {
		return errSuperseded
	}
	x.Invocation = ""
	missing := (*types.ResourceNotFoundException)(nil)
	switch {
	case !x.running(): // stopped, or ended by a checkpoint: the answer has no say
		c.invoked(id, nil)
		return nil
	case errors.As(failure, &missing):
		return c.close(types.ExecutionStatusFailed, nil, ErrorOf(missing.ErrorCode(), "%s", missing.ErrorMessage()))
	case failure != nil:
		c.again(id, ErrorOf("InvocationError", "%s", failure))
		return nil
	case a.Failed:
		c.again(id, FunctionError(a.Payload))
		return nil
	}
	x.Failures = 0
	return c.obey(id, a.Payload)
}

// again notes an invocation that failed and when the next one is. AWS tries with growing pauses until one does
// not fail or the execution times out (Developer Guide, "Retries for Lambda durable functions", 2026).
//
// Unlike AWS, which does not say how long its pauses are, the first is a second and the longest five minutes.
func (c *change) again(id string, reason *types.ErrorObject) {
	c.invoked(id, reason)
	c.x.Retry = c.now.Add(min(c.e.FirstRetry<<min(c.x.Failures, 16), maxRetryDelay))
	c.x.Failures++
	c.e.Logger.Warn("invocation of a durable execution failed", "execution", c.x.arn(), "reason", aws.ToString(reason.ErrorMessage), "again", c.x.Retry)
}

// obey does what the function answers. An answer that is none fails the execution.
func (c *change) obey(id string, payload []byte) error {
	var out output
	if err := json.Unmarshal(payload, &out); err != nil {
		out = output{}
	}
	if err := c.objection(out); err != "" {
		reason := ErrorOf("InvalidParameterValueException", "%s", err)
		c.invoked(id, reason)
		return c.close(types.ExecutionStatusFailed, nil, reason)
	}
	c.invoked(id, out.Error)
	switch out.Status {
	case "SUCCEEDED":
		return c.close(types.ExecutionStatusSucceeded, out.Result, nil)
	case "FAILED":
		if out.Error == nil {
			out.Error = &types.ErrorObject{}
		}
		return c.close(types.ExecutionStatusFailed, nil, out.Error)
	}
	// What has changed while the function ran, or just when it stopped looking, it has to see.
	if len(c.x.Unseen) > 0 || c.x.Told {
		c.wake()
	}
	return nil
}

// objection is AWS's text about an answer that does not fit, "" for one that does.
func (c *change) objection(out output) string {
	switch out.Status {
	case "SUCCEEDED":
		if out.Error != nil {
			return "Cannot provide an Error for SUCCEEDED status."
		}
		if len(aws.ToString(out.Result)) > c.x.maxResult() {
			return fmt.Sprintf("Execution output payload size must be less than or equal to %d bytes.", c.x.maxResult())
		}
	case "FAILED":
		if out.Result != nil {
			return "Cannot provide a Result for FAILED status."
		}
	case "PENDING":
		if len(c.x.Open)+len(c.x.Unseen) == 0 && !c.x.Told {
			return "Cannot return PENDING status with no pending operations."
		}
	default:
		return "Invalid Status in invocation output."
	}
	return ""
}

// FunctionError is what the payload of a function that failed says of it.
func FunctionError(payload []byte) *types.ErrorObject {
	var f struct {
		ErrorMessage, ErrorType *string
		StackTrace, Trace       []string // as runtimes call it
	}
	if err := json.Unmarshal(payload, &f); err != nil && f.ErrorMessage == nil {
		return ErrorOf("Unhandled", "%s", payload)
	}
	return &types.ErrorObject{ErrorMessage: f.ErrorMessage, ErrorType: f.ErrorType, StackTrace: append(f.StackTrace, f.Trace...)}
}
