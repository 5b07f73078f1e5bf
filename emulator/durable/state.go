package durable

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

func (c *change) state(from, limit, most int) ([]operation, *string, error) {
	return stateOf(c.tx, c.x.ID, from, limit, most)
}

// stateOf is what a function needs of the operations to go on, in the order they started, from a number on and
// no more than so many of them and of their bytes, and the marker of the rest.
func stateOf(tx *store.Tx, execution string, from, limit, most int) (part []operation, next *string, err error) {
	p, err := operations.List(tx, allOf(execution, store.ByName))
	hidden := map[string]bool{} // contexts that are done with, and theirs
	size := 0
	for _, d := range p.Documents {
		o := d.Value
		inside := o.ParentId != nil && hidden[*o.ParentId]
		if inside || over(o) {
			hidden[*o.Id] = true
		}
		if inside || o.Number < from {
			continue
		}
		if size += sizeOf(o); len(part) == limit || len(part) > 0 && size > most {
			return part, aws.String(strconv.Itoa(o.Number)), nil
		}
		part = append(part, o)
	}
	return part, nil, err
}

// over tells a context that has ended and whose result is all that is needed of it.
func over(o operation) bool {
	return o.Type == types.OperationTypeContext && o.Status != types.OperationStatusStarted &&
		(o.ContextDetails == nil || !aws.ToBool(o.ContextDetails.ReplayChildren))
}

// sizeOf is about what an operation adds to an event.
func sizeOf(o operation) int {
	n := 512
	if d := o.ExecutionDetails; d != nil {
		n += len(aws.ToString(d.InputPayload))
	}
	if d := o.StepDetails; d != nil {
		n += len(aws.ToString(d.Result))
	}
	if d := o.ContextDetails; d != nil {
		n += len(aws.ToString(d.Result))
	}
	if d := o.CallbackDetails; d != nil {
		n += len(aws.ToString(d.Result))
	}
	if d := o.ChainedInvokeDetails; d != nil {
		n += len(aws.ToString(d.Result))
	}
	return n
}

// GetDurableExecutionState gives a function what did not fit into its event.
func (e *Engine) GetDurableExecutionState(ctx context.Context, in *sdk.GetDurableExecutionStateInput) (*sdk.GetDurableExecutionStateOutput, error) {
	k, limit, err := e.pageOf(ctx, in.DurableExecutionArn, in.MaxItems)
	if err != nil {
		return nil, err
	}
	from := 0
	if text := aws.ToString(in.Marker); text != "" {
		if from, err = strconv.Atoi(text); err != nil {
			return nil, invalid("Invalid Marker")
		}
	}
	out := &sdk.GetDurableExecutionStateOutput{Operations: []types.Operation{}}
	err = e.Store.View(ctx, k.Scope, func(tx *store.Tx) error {
		d, err := executions.Get(tx, k.ID)
		if err != nil || checkToken(&d.Value, *in.CheckpointToken) != nil {
			return errToken()
		}
		part, next, err := stateOf(tx, k.ID, from, limit, maxState)
		for _, o := range part {
			out.Operations = append(out.Operations, o.Operation)
		}
		out.NextMarker = next
		return err
	})
	return out, err
}
