package durable

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// token is good for the next checkpoint of the invocation that runs.
func (c *change) token() string {
	return seal(c.x.ID, c.x.Invocation, strconv.Itoa(c.x.Sequence))
}

func checkToken(x *execution, token string) error {
	parts := unseal(token, 3)
	if parts == nil || !x.running() || x.Invocation == "" || parts[1] != x.Invocation || parts[2] != strconv.Itoa(x.Sequence) {
		if parts != nil && parts[0] != x.ID {
			return invalid("Checkpoint token is not valid for the durable execution ARN")
		}
		return errToken()
	}
	return nil
}

// clientTokenAge is how long an answer is given again to a client that repeats a checkpoint (Lambda API).
const clientTokenAge = 15 * time.Minute

// CheckpointDurableExecution takes what a function has done since it did so last, all or nothing, and tells it
// what else has happened.
func (e *Engine) CheckpointDurableExecution(ctx context.Context, in *sdk.CheckpointDurableExecutionInput) (*sdk.CheckpointDurableExecutionOutput, error) {
	k, err := e.checkpointed(ctx, in)
	if err != nil {
		return nil, err
	}
	targets := e.targets(ctx, k, in.Updates)
	var out *sdk.CheckpointDurableExecutionOutput
	err = e.change(ctx, k, func(c *change) (err error) {
		if out, err = c.replay(in); err != nil || out != nil {
			return err
		}
		if err := checkToken(c.x, *in.CheckpointToken); err != nil {
			return err
		}
		out, err = c.checkpoint(in, targets)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, errToken()
	}
	return out, err
}

// checkpointed is the execution of a request that keeps the model's constraints.
func (e *Engine) checkpointed(ctx context.Context, in *sdk.CheckpointDurableExecutionInput) (key, error) {
	var v violations
	v.text("checkpointToken", in.CheckpointToken, tokenPattern, 2048)
	v.text("clientToken", in.ClientToken, printablePattern, 64)
	for _, u := range in.Updates {
		v.update(u)
	}
	if err := v.err(); err != nil {
		return key{}, err
	}
	return e.named(ctx, in.DurableExecutionArn)
}

func (c *change) checkpoint(in *sdk.CheckpointDurableExecutionInput, targets map[string]target) (*sdk.CheckpointDurableExecutionOutput, error) {
	told, err := c.settle()
	if err != nil {
		return nil, err
	}
	if !c.x.running() {
		return nil, errToken() // it has just timed out; its own timer says so
	}
	told = told || len(c.x.Unseen) > 0
	if err := checkBatch(in.Updates); err != nil {
		return nil, err
	}
	for _, u := range in.Updates {
		if err := c.apply(u, targets[*u.Id]); err != nil {
			return nil, err
		}
	}
	changed := c.x.Unseen
	c.x.Unseen, c.x.Told = nil, told
	out := &sdk.CheckpointDurableExecutionOutput{}
	if out.NewExecutionState, err = c.updated(changed); err != nil {
		return nil, err
	}
	c.x.Last = nil
	if c.x.running() { // the last checkpoint of an execution gives no token
		c.x.Sequence++
		out.CheckpointToken = aws.String(c.token())
		if client := aws.ToString(in.ClientToken); client != "" {
			c.x.Last = &last{At: c.now, Token: *in.CheckpointToken, ClientToken: client, Answer: *out.CheckpointToken, Operations: changed}
		}
	}
	return out, nil
}

func (c *change) updated(ids []string) (*types.CheckpointUpdatedExecutionState, error) {
	s := &types.CheckpointUpdatedExecutionState{Operations: []types.Operation{}}
	for _, id := range ids {
		o, err := c.operation(id)
		if err != nil {
			return nil, err
		}
		s.Operations = append(s.Operations, o.Operation)
	}
	return s, nil
}

// replay is the answer to the last checkpoint where this is that one again: nil where it is another.
func (c *change) replay(in *sdk.CheckpointDurableExecutionInput) (*sdk.CheckpointDurableExecutionOutput, error) {
	l := c.x.Last
	if l == nil || aws.ToString(in.ClientToken) != l.ClientToken || *in.CheckpointToken != l.Token ||
		c.now.Sub(l.At) > clientTokenAge || checkToken(c.x, l.Answer) != nil {
		return nil, nil
	}
	s, err := c.updated(l.Operations)
	return &sdk.CheckpointDurableExecutionOutput{CheckpointToken: &l.Answer, NewExecutionState: s}, err
}

// checkBatch requires what one checkpoint may have together. Some of the texts, and of those of the operations, are
// those of AWS's testing library (@aws/durable-execution-sdk-js-testing 1.1.4); the others are not verified.
func checkBatch(updates []types.OperationUpdate) error {
	n := 0
	seen := map[string]types.OperationUpdate{}
	for _, u := range updates {
		if u.Type == types.OperationTypeExecution {
			n++
		}
	}
	if n > 1 {
		return invalid("Cannot checkpoint multiple EXECUTION updates.")
	}
	if n == 1 && updates[len(updates)-1].Type != types.OperationTypeExecution {
		return invalid("EXECUTION checkpoint must be the last update.")
	}
	for _, u := range updates {
		if former, twice := seen[*u.Id]; twice && !follows(former, u) {
			return invalid("Cannot update the same operation twice in a single request.")
		}
		seen[*u.Id] = u
	}
	return nil
}

// follows tells that an update may stand in one request with a former one: a step or a context may begin and end
// in it.
func follows(former, u types.OperationUpdate) bool {
	return (u.Type == types.OperationTypeStep || u.Type == types.OperationTypeContext) &&
		former.Action == types.OperationActionStart && u.Action != types.OperationActionStart
}
