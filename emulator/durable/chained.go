package durable

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"postern/emulator/store"
)

// A target is what a chained invocation means, or why it means nothing.
type target struct {
	Target
	err error
}

// targets resolves the functions that a checkpoint begins to invoke, before the transaction.
func (e *Engine) targets(ctx context.Context, k key, updates []types.OperationUpdate) map[string]target {
	var all map[string]target
	for _, u := range updates {
		if u.Type != types.OperationTypeChainedInvoke || u.ChainedInvokeOptions == nil {
			continue
		}
		if all == nil {
			all = map[string]target{}
		}
		t, err := e.Runner.Resolve(ctx, k.Scope, aws.ToString(u.ChainedInvokeOptions.FunctionName))
		all[*u.Id] = target{t, err}
	}
	return all
}

// startChained begins the invocation of another function. One that is not there fails the operation, not the
// checkpoint.
func (c *change) startChained(u types.OperationUpdate, t target) error {
	p := u.ChainedInvokeOptions
	if p == nil || aws.ToString(p.FunctionName) == "" {
		return invalid("Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.")
	}
	if aws.ToString(p.TenantId) != "" {
		return invalid("TenantId is not emulated by Postern yet. Leave it out to go on without it.")
	}
	o := c.add(u)
	o.Payload, o.ChainedInvokeDetails = u.Payload, &types.ChainedInvokeDetails{}
	d := &types.ChainedInvokeStartedDetails{FunctionName: p.FunctionName, Input: inputOf(u.Payload)}
	if t.err == nil {
		d.ExecutedVersion = aws.String(t.Function.Version)
		arn, err := c.call(o, t.Target, aws.ToString(p.XAmznTraceId))
		if err != nil {
			return err
		}
		d.DurableExecutionArn = arn
	}
	c.event(o, types.EventTypeChainedInvokeStarted, func(v *types.Event) { v.ChainedInvokeStartedDetails = d })
	if t.err != nil {
		c.returned(o, types.OperationStatusFailed, nil, apiError(t.err))
	}
	return nil
}

// apiError is an error of AWS's as an operation shows it.
func apiError(err error) *types.ErrorObject {
	if a := smithy.APIError(nil); errors.As(err, &a) {
		return ErrorOf(a.ErrorCode(), "%s", a.ErrorMessage())
	}
	return ErrorOf("InvocationError", "%s", err)
}

// call has the function of an operation invoked: a durable one has an execution of its own, whose ARN it returns.
func (c *change) call(o *operation, t Target, trace string) (*string, error) {
	if trace == "" {
		trace = c.x.TraceID
	}
	if t.Durable == nil {
		c.wait(o, open{Target: &t})
		c.callPlain(*o, t, trace)
		return nil, nil
	}
	s := Start{Function: t.Function, Config: *t.Durable, TraceID: trace}
	if o.Payload != nil {
		s.Payload = []byte(*o.Payload)
	}
	child, err := c.e.begin(c.tx.In(t.Function.Scope), s, c.e.NewID(), &parent{c.x.ID, *o.Id})
	if err != nil {
		return nil, err
	}
	c.wait(o, open{Target: &t, Child: child.x.ID})
	c.after = append(c.after, child.done)
	return aws.String(child.x.arn()), nil
}

// callPlain invokes a function that is not durable.
func (c *change) callPlain(o operation, t Target, trace string) {
	k, e := c.x.key(), c.e
	payload := []byte(aws.ToString(o.Payload))
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	running := operationID(k.ID, *o.Id)
	c.after = append(c.after, func() {
		e.start(func() {
			if _, twice := e.current.LoadOrStore(running, nil); twice {
				return
			}
			defer e.current.Delete(running)
			a, err := e.Runner.Run(e.running, t.Function, Call{RequestID: e.NewID(), Payload: payload, TraceID: trace})
			if e.running.Err() != nil && (err != nil || a.Failed) {
				return // stopped half-way: it is invoked anew after the next start
			}
			status, result, reason := plainOutcome(a, err)
			e.returned(k, *o.Id, status, result, reason)
		})
	})
}

func plainOutcome(a Answer, err error) (types.OperationStatus, *string, *types.ErrorObject) {
	const failed = types.OperationStatusFailed
	switch {
	case err != nil:
		return failed, nil, apiError(err)
	case a.Failed:
		return failed, nil, FunctionError(a.Payload)
	case len(a.Payload) > maxPayload:
		return failed, nil, &types.ErrorObject{ErrorMessage: aws.String("CHAINED_INVOKE output payload size must be less than or equal to 1048576 bytes.")}
	case !utf8.Valid(a.Payload):
		return failed, nil, &types.ErrorObject{ErrorMessage: aws.String("CHAINED_INVOKE response could not be decoded as UTF-8.")}
	}
	return types.OperationStatusSucceeded, aws.String(string(a.Payload)), nil
}

// report tells the execution that waits for another how that ended.
func (e *Engine) report(x execution) {
	if x.Parent == nil {
		return
	}
	status, reason := types.OperationStatus(x.Status), x.Error
	if x.Status == types.ExecutionStatusTimedOut {
		reason = ErrorOf("ChainedInvoke.Timeout", "CHAINED_INVOKE timed out after %d seconds.", *x.Config.ExecutionTimeout)
	}
	k := key{x.Function.Scope, x.Parent.Execution}
	e.start(func() { e.returned(k, x.Parent.Operation, status, x.Result, reason) })
}

// returned ends a chained invocation, if it is waited for still.
func (e *Engine) returned(k key, id string, status types.OperationStatus, result *string, reason *types.ErrorObject) {
	err := e.change(context.WithoutCancel(e.running), k, func(c *change) error {
		o, err := c.operation(id)
		if _, waits := c.x.Open[id]; err != nil || !waits {
			return err
		}
		c.returned(o, status, result, reason)
		c.wake()
		return nil
	})
	if err != nil {
		e.lost(k, err)
	}
}

func (c *change) returned(o *operation, status types.OperationStatus, result *string, reason *types.ErrorObject) {
	o.ChainedInvokeDetails.Result, o.ChainedInvokeDetails.Error = result, reason
	c.end(o, status)
	switch status {
	case types.OperationStatusSucceeded:
		c.event(o, types.EventTypeChainedInvokeSucceeded, func(v *types.Event) {
			v.ChainedInvokeSucceededDetails = &types.ChainedInvokeSucceededDetails{Result: resultOf(result)}
		})
	case types.OperationStatusTimedOut:
		c.event(o, types.EventTypeChainedInvokeTimedOut, func(v *types.Event) {
			v.ChainedInvokeTimedOutDetails = &types.ChainedInvokeTimedOutDetails{Error: reasonOf(reason)}
		})
	case types.OperationStatusStopped:
		c.event(o, types.EventTypeChainedInvokeStopped, func(v *types.Event) {
			v.ChainedInvokeStoppedDetails = &types.ChainedInvokeStoppedDetails{Error: reasonOf(reason)}
		})
	default:
		c.event(o, types.EventTypeChainedInvokeFailed, func(v *types.Event) {
			v.ChainedInvokeFailedDetails = &types.ChainedInvokeFailedDetails{Error: reasonOf(reason)}
		})
	}
}

// resumeChained takes up the invocations that were under way when the program ended.
func (c *change) resumeChained() error {
	for id, w := range c.x.Open {
		if w.Target == nil {
			continue
		}
		if w.Child != "" {
			d, err := executions.Get(c.tx.In(w.Target.Function.Scope), w.Child)
			if errors.Is(err, store.ErrNotFound) {
				d.Value = execution{Function: w.Target.Function, Parent: &parent{c.x.ID, id}, Status: types.ExecutionStatusFailed,
					Error: ErrorOf("ResourceNotFoundException", "Function not found: %s", w.Target.Function.ARN())}
			} else if err != nil {
				return err
			}
			if child := d.Value; !child.running() {
				c.after = append(c.after, func() { c.e.report(child) })
			}
			continue
		}
		o, err := c.operation(id)
		if err != nil {
			return err
		}
		c.callPlain(*o, *w.Target, c.x.TraceID)
	}
	return nil
}
