package durable

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// GetDurableExecution describes an execution.
func (e *Engine) GetDurableExecution(ctx context.Context, in *sdk.GetDurableExecutionInput) (*sdk.GetDurableExecutionOutput, error) {
	k, err := e.named(ctx, in.DurableExecutionArn)
	if err != nil {
		return nil, err
	}
	var x execution
	var root operation
	err = e.Store.View(ctx, k.Scope, func(tx *store.Tx) error {
		d, err := executions.Get(tx, k.ID)
		if err != nil {
			return orNotFound(err)
		}
		o, err := operations.Get(tx, operationID(k.ID, k.ID))
		x, root = d.Value, o.Value
		return err
	})
	if err != nil {
		return nil, err
	}
	s := x.summary()
	out := &sdk.GetDurableExecutionOutput{
		DurableExecutionArn: s.DurableExecutionArn, DurableExecutionName: s.DurableExecutionName, FunctionArn: s.FunctionArn,
		StartTimestamp: s.StartTimestamp, EndTimestamp: s.EndTimestamp, Status: s.Status, DurableConfig: &x.Config,
		Version: &x.Function.Version, ExecutionDataIncluded: aws.Bool(in.IncludeExecutionData == nil || *in.IncludeExecutionData),
	}
	if x.TraceID != "" {
		out.TraceHeader = &types.TraceHeader{XAmznTraceId: &x.TraceID}
	}
	if *out.ExecutionDataIncluded {
		out.InputPayload, out.Result, out.Error = root.ExecutionDetails.InputPayload, x.Result, x.Error
	}
	return out, nil
}

func (x *execution) summary() types.Execution {
	s := types.Execution{
		DurableExecutionArn: aws.String(x.arn()), DurableExecutionName: &x.Name, FunctionArn: aws.String(x.Function.ARN()),
		StartTimestamp: &x.Started, Status: x.Status,
	}
	if !x.running() {
		s.EndTimestamp = &x.Ended
	}
	return s
}

// A Filter selects executions of a function; what is zero or nil selects all.
type Filter struct {
	Function      string
	Version, Name string
	Statuses      []types.ExecutionStatus
	After, Before *time.Time
	OldestFirst   bool
	Limit         int
	Marker        string
}

func (f Filter) selects(x execution) bool {
	return (f.Version == "" || f.Version == x.Function.Version) && (f.Name == "" || f.Name == x.Name) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, x.Status)) &&
		(f.After == nil || x.Started.After(*f.After)) && (f.Before == nil || x.Started.Before(*f.Before))
}

// List lists executions, and returns the marker of the rest.
func (e *Engine) List(ctx context.Context, sc store.Scope, f Filter) (list []types.Execution, next *string, err error) {
	q := store.Query{Parent: functionRef(f.Function), Order: store.ByCreatedDesc, After: f.Marker, Limit: 64}
	if f.OldestFirst {
		q.Order = store.ByCreated
	}
	list = []types.Execution{}
	err = e.Store.View(ctx, sc, func(tx *store.Tx) error {
		for last := ""; ; {
			p, err := executions.List(tx, q)
			if errors.Is(err, store.ErrPosition) {
				return invalid("Invalid Marker")
			}
			if err != nil {
				return err
			}
			for _, d := range p.Documents {
				if !f.selects(d.Value) {
					continue
				}
				if len(list) == f.Limit {
					next = &last
					return nil
				}
				list, last = append(list, d.Value.summary()), d.Position()
			}
			if q.After = p.Next; q.After == "" {
				return nil
			}
		}
	})
	return list, next, err
}

// StopDurableExecution ends an execution. What its function is doing it does to its next checkpoint. One that has
// ended stays as it is.
func (e *Engine) StopDurableExecution(ctx context.Context, in *sdk.StopDurableExecutionInput) (*sdk.StopDurableExecutionOutput, error) {
	k, err := e.named(ctx, in.DurableExecutionArn)
	if err != nil {
		return nil, err
	}
	reason := in.Error
	if reason == nil {
		reason = &types.ErrorObject{}
	}
	if err := checkError(reason); err != nil {
		return nil, err
	}
	out := &sdk.StopDurableExecutionOutput{}
	err = e.change(ctx, k, func(c *change) error {
		if c.x.running() {
			if err := c.close(types.ExecutionStatusStopped, nil, reason); err != nil {
				return err
			}
		}
		out.StopTimestamp = &c.x.Ended
		return nil
	})
	return out, orNotFound(err)
}

// Drop is called in the transaction that deletes a function, before it does: its executions go with it. Who waits
// for one, and what another execution waits for, is told by the function it returns, after the commit.
func (e *Engine) Drop(tx *store.Tx, function string) (told func(), err error) {
	p, err := executions.List(tx, store.Query{Parent: functionRef(function)})
	var gone []execution
	for _, d := range p.Documents {
		if err := scopes.Delete(tx.In(everyScope), d.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if d.Value.running() {
			gone = append(gone, d.Value)
		}
	}
	return func() {
		for _, x := range gone {
			x.Status, x.Error = types.ExecutionStatusFailed, ErrorOf("ResourceNotFoundException", "Function not found: %s", x.Function.ARN())
			e.waiters.wake(x.key())
			e.report(x)
		}
	}, err
}
