package durable

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// A Start asks for an execution.
type Start struct {
	Function Function
	Config   types.DurableConfig
	Name     string // "" for one that nobody else has
	Payload  []byte
	TraceID  string
	// RequestID is that of the invocation.
	RequestID string
	Sync      bool // the caller waits
}

// A Started execution is one that runs, or an earlier one of the same name and payload.
type Started struct {
	ARN string
	key key
}

// An Outcome is how an execution ended: with a Result where its status is SUCCEEDED, else with an Error.
type Outcome struct {
	Status types.ExecutionStatus
	Result *string
	Error  *types.ErrorObject
}

const defaultRetention = 14 // days (SAM reference, DurableConfig)

// CheckName is the model's constraint on the name of an execution.
func CheckName(name *string) error {
	var v violations
	v.name("durableExecutionName", name)
	return v.err()
}

// Start begins an execution and returns at once. A name is taken as long as its execution is kept: with the same
// version and payload it means that one, whether or not it has ended (Developer Guide, "Idempotency"; per
// function, as the text of the exception says).
func (e *Engine) Start(ctx context.Context, s Start) (Started, error) {
	var out Started
	var c *change
	err := e.Store.Update(ctx, s.Function.Scope, func(tx *store.Tx) error {
		c = nil
		if s.Name != "" {
			former, err := named(tx, s.Function.Name, s.Name)
			if err == nil {
				out = Started{ARN: former.arn(), key: former.key()}
				return s.fits(former)
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		var err error
		if c, err = e.begin(tx, s, e.NewID(), nil); err == nil {
			out = Started{ARN: c.x.arn(), key: c.x.key()}
		}
		return err
	})
	if err == nil && c != nil {
		c.done()
	}
	return out, err
}

// named is the execution of a function that has a name.
func named(tx *store.Tx, function, name string) (x execution, err error) {
	id, err := names.Get(tx, nameID(function, name))
	if err != nil {
		return x, err
	}
	d, err := executions.Get(tx, id.Value)
	return d.Value, err
}

// fits says whether a start means a former execution of its name.
func (s Start) fits(x execution) error {
	if x.Function.Version == s.Function.Version && x.InputHash == hash(s.Payload) {
		return nil
	}
	return &types.DurableExecutionAlreadyStartedException{Message: aws.String("Execution already started: " + x.arn()), Type: byUser}
}

func hash(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}

// begin puts a new execution into the store; done of the change invokes its function.
func (e *Engine) begin(tx *store.Tx, s Start, id string, by *parent) (*change, error) {
	if s.Name == "" {
		s.Name = e.NewID()
	}
	x := &execution{
		Function: s.Function, Name: s.Name, ID: id, Status: types.ExecutionStatusRunning, Config: s.Config, Sync: s.Sync,
		TraceID: s.TraceID, RequestID: s.RequestID, InputHash: hash(s.Payload), Started: tx.Now(), Parent: by,
	}
	if x.Config.RetentionPeriodInDays == nil {
		x.Config.RetentionPeriodInDays = aws.Int32(defaultRetention)
	}
	x.Deadline = x.Started.Add(time.Duration(*x.Config.ExecutionTimeout) * time.Second)
	c := e.newChange(tx, x)
	var input *string // a chained invocation need not have one
	if s.Payload != nil {
		input = aws.String(string(s.Payload))
	}
	o := c.add(types.OperationUpdate{Id: &x.ID, Name: &x.Name, Type: types.OperationTypeExecution})
	o.ExecutionDetails = &types.ExecutionDetails{InputPayload: input}
	d := store.Document[execution]{ID: id, Name: s.Function.Name, Parent: functionRef(s.Function.Name), Created: x.Started, Value: *x}
	if err := executions.Insert(tx, d); err != nil {
		return nil, fmt.Errorf("keep execution %s: %w", id, err)
	}
	err := errors.Join(
		names.Insert(tx, store.Document[string]{ID: nameID(s.Function.Name, s.Name), Parent: parentOf(id), Value: id}),
		scopes.Insert(tx.In(everyScope), store.Document[store.Scope]{ID: id, Value: s.Function.Scope}),
	)
	if err != nil {
		return nil, err
	}
	c.event(o, types.EventTypeExecutionStarted, func(v *types.Event) {
		v.ExecutionStartedDetails = &types.ExecutionStartedDetails{ExecutionTimeout: x.Config.ExecutionTimeout, Input: inputOf(input)}
	})
	c.wake()
	if c.failed != nil {
		return nil, c.failed
	}
	return c, c.write(d)
}

// Wait returns when an execution has ended.
func (e *Engine) Wait(ctx context.Context, s Started) (Outcome, error) {
	x, err := e.wait(ctx, s.key)
	if err != nil {
		return Outcome{}, orNotFound(err)
	}
	return Outcome{x.Status, x.Result, x.Error}, nil
}
