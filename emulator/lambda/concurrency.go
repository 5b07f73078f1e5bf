package lambda

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// minUnreserved is what reservations must leave to the functions without one.
const minUnreserved = 100

// A concurrency counts the invocations of a function, of whatever version, that run now.
//
// Unlike AWS, functions without a reservation share no more than the pool's sandboxes, and wait for one
// instead of being throttled.
type concurrency struct {
	reserved atomic.Int64 // negative for none
	running  atomic.Int64
	ended    func() // end, made once
}

// errReserved is the throttle of a reservation that is used up.
var errReserved = fmt.Errorf("%w: the function's reserved concurrency is used up", lambdarunner.ErrThrottled)

// begin counts one more, unless the reservation is used up.
func (c *concurrency) begin() bool {
	n, most := c.running.Add(1), c.reserved.Load()
	if most < 0 || n <= most {
		return true
	}
	c.running.Add(-1)
	return false
}

func (c *concurrency) end() { c.running.Add(-1) }

// concurrencyOf is the counter of a function, by its unqualified ARN, with what is reserved for it.
func (s *Service) concurrencyOf(r ref, reserved *int32) *concurrency {
	c := &concurrency{}
	c.ended = c.end
	if known, ok := s.counters.LoadOrStore(r.function(), c); ok {
		c = known.(*concurrency)
	}
	if reserved == nil {
		c.reserved.Store(-1)
	} else {
		c.reserved.Store(int64(*reserved))
	}
	return c
}

// run invokes a version of a target.
func (s *Service) run(ctx context.Context, t *target, fn *lambdarunner.Function, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	trace, err := t.trace(inv.TraceID)
	if err != nil {
		s.Logger.Warn("a recursive loop is ended: allow it with lambda put-function-recursion-config", "function", t.arn, "trace", inv.TraceID)
		return nil, err
	}
	if !t.concurrency.begin() {
		return nil, errReserved
	}
	inv.TraceID, inv.Ended = trace, t.concurrency.ended
	return s.Pool.Invoke(ctx, fn, inv)
}

// PutFunctionConcurrency reserves a part of the account's concurrency for a function, which is also the
// most that it gets: 0 stops it.
func (s *Service) PutFunctionConcurrency(ctx context.Context, in *sdk.PutFunctionConcurrencyInput) (*sdk.PutFunctionConcurrencyOutput, error) {
	r, err := writeRef(ctx, "lambda:PutFunctionConcurrency", in.FunctionName)
	if err != nil {
		return nil, err
	}
	var v violations
	v.between("reservedConcurrentExecutions", in.ReservedConcurrentExecutions, 0, 1<<31-1)
	if err := v.err(); err != nil {
		return nil, err
	}
	if err := s.reserve(ctx, r.at(latest), in.ReservedConcurrentExecutions); err != nil { // recorded: so is a missing function named
		return nil, err
	}
	return &sdk.PutFunctionConcurrencyOutput{ReservedConcurrentExecutions: in.ReservedConcurrentExecutions}, nil
}

// DeleteFunctionConcurrency ends a reservation; there need not be any.
func (s *Service) DeleteFunctionConcurrency(ctx context.Context, in *sdk.DeleteFunctionConcurrencyInput) (*sdk.DeleteFunctionConcurrencyOutput, error) {
	r, err := writeRef(ctx, "lambda:DeleteFunctionConcurrency", in.FunctionName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteFunctionConcurrencyOutput{}, s.reserve(ctx, r, nil)
}

func (s *Service) reserve(ctx context.Context, r ref, n *int32) error {
	err := s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		others, err := reservedOf(tx, r.Name)
		if err != nil {
			return err
		}
		if n != nil && others+int(*n) > maxConcurrency-minUnreserved {
			return invalid("Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "+
				"below its minimum value of [%d].", minUnreserved)
		}
		d.Value.Reserved = n
		return functions.Put(tx, d)
	})
	if err == nil {
		s.concurrencyOf(r, n)
		s.changed(r)
	}
	return err
}

// reservedOf is what the functions of a scope have reserved together, but for one.
func reservedOf(tx *store.Tx, but string) (sum int, err error) {
	p, err := functions.List(tx, store.Query{})
	for _, d := range p.Documents {
		if d.Name != but {
			sum += int(aws.ToInt32(d.Value.Reserved))
		}
	}
	return sum, err
}

// GetFunctionConcurrency says what is reserved for a function; nothing where nothing is.
func (s *Service) GetFunctionConcurrency(ctx context.Context, in *sdk.GetFunctionConcurrencyInput) (*sdk.GetFunctionConcurrencyOutput, error) {
	r, err := writeRef(ctx, "lambda:GetFunctionConcurrency", in.FunctionName)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetFunctionConcurrencyOutput{}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		out.ReservedConcurrentExecutions = d.Value.Reserved
		return err
	})
	return out, err
}
