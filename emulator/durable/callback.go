package durable

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

func (c *change) startCallback(u types.OperationUpdate) error {
	o := c.add(u)
	id := seal(c.x.ID, *u.Id, c.e.NewID())
	o.CallbackDetails = &types.CallbackDetails{CallbackId: &id}
	w, d := open{CallbackID: id}, &types.CallbackStartedDetails{CallbackId: &id}
	if p := u.CallbackOptions; p != nil {
		if p.TimeoutSeconds > 0 {
			w.Due, d.Timeout = c.in(p.TimeoutSeconds), &p.TimeoutSeconds
		}
		if w.HeartbeatSecs = p.HeartbeatTimeoutSeconds; w.HeartbeatSecs > 0 {
			w.Heartbeat, d.HeartbeatTimeout = c.in(w.HeartbeatSecs), &p.HeartbeatTimeoutSeconds
		}
	}
	c.wait(o, w)
	c.event(o, types.EventTypeCallbackStarted, func(v *types.Event) { v.CallbackStartedDetails = d })
	return nil
}

func (c *change) in(seconds int32) time.Time { return c.now.Add(time.Duration(seconds) * time.Second) }

// timeOut ends a callback that did not come, or did not show any more that it would.
func (c *change) timeOut(o *operation, w open) {
	reason := ErrorOf("Callback.Timeout", "Callback timed out")
	if past(w.Heartbeat, c.now) && (w.Due.IsZero() || w.Heartbeat.Before(w.Due)) {
		reason = ErrorOf("Callback.Heartbeat", "Callback timed out on heartbeat")
	}
	o.CallbackDetails.Error = reason
	c.end(o, types.OperationStatusTimedOut)
	c.event(o, types.EventTypeCallbackTimedOut, func(v *types.Event) {
		v.CallbackTimedOutDetails = &types.CallbackTimedOutDetails{Error: reasonOf(reason)}
	})
}

// SendDurableExecutionCallbackSuccess ends a callback with a result.
func (e *Engine) SendDurableExecutionCallbackSuccess(ctx context.Context, in *sdk.SendDurableExecutionCallbackSuccessInput) (*sdk.SendDurableExecutionCallbackSuccessOutput, error) {
	if len(in.Result) > maxPayload {
		return nil, invalid("CALLBACK payload size must be less than or equal to %d bytes.", maxPayload)
	}
	var result *string
	if len(in.Result) > 0 {
		result = aws.String(string(in.Result))
	}
	return &sdk.SendDurableExecutionCallbackSuccessOutput{}, e.called(ctx, in.CallbackId, func(c *change, o *operation, _ open) {
		o.CallbackDetails.Result = result
		c.end(o, types.OperationStatusSucceeded)
		c.event(o, types.EventTypeCallbackSucceeded, func(v *types.Event) {
			v.CallbackSucceededDetails = &types.CallbackSucceededDetails{Result: resultOf(result)}
		})
		c.wake()
	})
}

// SendDurableExecutionCallbackFailure ends a callback with an error.
func (e *Engine) SendDurableExecutionCallbackFailure(ctx context.Context, in *sdk.SendDurableExecutionCallbackFailureInput) (*sdk.SendDurableExecutionCallbackFailureOutput, error) {
	reason := in.Error
	if reason == nil {
		reason = &types.ErrorObject{}
	}
	if err := checkError(reason); err != nil {
		return nil, err
	}
	return &sdk.SendDurableExecutionCallbackFailureOutput{}, e.called(ctx, in.CallbackId, func(c *change, o *operation, _ open) {
		o.CallbackDetails.Error = reason
		c.end(o, types.OperationStatusFailed)
		c.event(o, types.EventTypeCallbackFailed, func(v *types.Event) {
			v.CallbackFailedDetails = &types.CallbackFailedDetails{Error: reasonOf(reason)}
		})
		c.wake()
	})
}

// SendDurableExecutionCallbackHeartbeat shows that a callback will come.
func (e *Engine) SendDurableExecutionCallbackHeartbeat(ctx context.Context, in *sdk.SendDurableExecutionCallbackHeartbeatInput) (*sdk.SendDurableExecutionCallbackHeartbeatOutput, error) {
	return &sdk.SendDurableExecutionCallbackHeartbeatOutput{}, e.called(ctx, in.CallbackId, func(c *change, o *operation, w open) {
		if w.HeartbeatSecs > 0 {
			w.Heartbeat = c.in(w.HeartbeatSecs)
			c.x.Open[*o.Id] = w
		}
	})
}

// called runs fn on the operation of a callback that is waited for.
func (e *Engine) called(ctx context.Context, callback *string, fn func(*change, *operation, open)) error {
	var v violations
	v.text("callbackId", callback, tokenPattern, 1024)
	if err := v.err(); err != nil {
		return err
	}
	parts := unseal(*callback, 3)
	if parts == nil {
		return invalid("Invalid callback id")
	}
	caller := wire.CallerFrom(ctx)
	k := key{store.Scope{Account: caller.AccountID, Region: caller.Region}, parts[0]}
	err := e.change(ctx, k, func(c *change) error {
		w, ok := c.x.Open[parts[1]]
		if !ok || !c.x.running() || w.CallbackID != *callback || past(w.Due, c.now) || past(w.Heartbeat, c.now) {
			return callbackClosed()
		}
		o, err := c.operation(parts[1])
		if err == nil {
			fn(c, o, w)
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return callbackClosed()
	}
	return err
}

func checkError(e *types.ErrorObject) error {
	if b, err := json.Marshal(e); err != nil || len(b) > maxPayload {
		return invalid("Error object size must be less than %d bytes.", maxPayload)
	}
	return nil
}
