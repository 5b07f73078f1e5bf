package durable

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// event adds to the history what has happened to an operation; nil for what is the execution's own.
func (c *change) event(o *operation, kind types.EventType, detail func(*types.Event)) {
	c.x.Events++
	v := types.Event{EventId: aws.Int32(int32(c.x.Events)), EventType: kind, EventTimestamp: &c.now}
	if o != nil {
		v.Id, v.Name, v.ParentId, v.SubType = o.Id, o.Name, o.ParentId, o.SubType
	}
	detail(&v)
	err := events.Insert(c.tx, store.Document[types.Event]{ID: eventID(c.x.ID, c.x.Events), Parent: parentOf(c.x.ID), Value: v})
	if err != nil && c.failed == nil {
		c.failed = err
	}
}

func inputOf(payload *string) *types.EventInput {
	return &types.EventInput{Payload: payload, Truncated: aws.Bool(false)}
}

func resultOf(payload *string) *types.EventResult {
	return &types.EventResult{Payload: payload, Truncated: aws.Bool(false)}
}

func reasonOf(e *types.ErrorObject) *types.EventError {
	return &types.EventError{Payload: e, Truncated: aws.Bool(false)}
}

// ended notes the end of the execution, whose operation o is.
func (c *change) ended(o *operation) {
	x := c.x
	switch x.Status {
	case types.ExecutionStatusSucceeded:
		c.event(o, types.EventTypeExecutionSucceeded, func(v *types.Event) {
			v.ExecutionSucceededDetails = &types.ExecutionSucceededDetails{Result: resultOf(x.Result)}
		})
	case types.ExecutionStatusFailed:
		c.event(o, types.EventTypeExecutionFailed, func(v *types.Event) {
			v.ExecutionFailedDetails = &types.ExecutionFailedDetails{Error: reasonOf(x.Error)}
		})
	case types.ExecutionStatusStopped:
		c.event(o, types.EventTypeExecutionStopped, func(v *types.Event) {
			v.ExecutionStoppedDetails = &types.ExecutionStoppedDetails{Error: reasonOf(x.Error)}
		})
	case types.ExecutionStatusTimedOut:
		c.event(o, types.EventTypeExecutionTimedOut, func(v *types.Event) {
			v.ExecutionTimedOutDetails = &types.ExecutionTimedOutDetails{}
		})
	}
}

// invoked notes the end of an invocation.
func (c *change) invoked(id string, reason *types.ErrorObject) {
	d := &types.InvocationCompletedDetails{StartTimestamp: aws.Time(c.x.Begun), EndTimestamp: &c.now, RequestId: &id}
	if reason != nil {
		d.Error = reasonOf(reason)
	}
	c.event(nil, types.EventTypeInvocationCompleted, func(v *types.Event) { v.InvocationCompletedDetails = d })
}

// GetDurableExecutionHistory lists what has happened in an execution.
func (e *Engine) GetDurableExecutionHistory(ctx context.Context, in *sdk.GetDurableExecutionHistoryInput) (*sdk.GetDurableExecutionHistoryOutput, error) {
	k, limit, err := e.pageOf(ctx, in.DurableExecutionArn, in.MaxItems)
	if err != nil {
		return nil, err
	}
	var all []types.Event
	err = e.Store.View(ctx, k.Scope, func(tx *store.Tx) error {
		if _, err := executions.Get(tx, k.ID); err != nil {
			return orNotFound(err)
		}
		p, err := events.List(tx, allOf(k.ID, store.ByID))
		all = p.Values()
		return err
	})
	if err != nil {
		return nil, err
	}
	reverse := aws.ToBool(in.ReverseOrder)
	if reverse {
		slices.Reverse(all)
	}
	out := &sdk.GetDurableExecutionHistoryOutput{}
	out.Events, out.NextMarker, err = pageFrom(all, limit, in.Marker, reverse, func(v types.Event) int { return int(*v.EventId) })
	if in.IncludeExecutionData != nil && !*in.IncludeExecutionData {
		for i := range out.Events {
			withoutData(&out.Events[i])
		}
	}
	return out, err
}

// pageFrom is the part of a list, sorted by number, that begins at a marker: "n" is the number of an item.
func pageFrom[T any](all []T, limit int, marker *string, reverse bool, number func(T) int) ([]T, *string, error) {
	start := 0
	if text := aws.ToString(marker); text != "" {
		at, err := strconv.Atoi(text)
		if err != nil {
			return nil, nil, invalid("Invalid Marker")
		}
		start = slices.IndexFunc(all, func(v T) bool { return !reverse && number(v) >= at || reverse && number(v) <= at })
		if start < 0 {
			start = len(all)
		}
	}
	part := all[start:]
	if len(part) > limit {
		return part[:limit], aws.String(strconv.Itoa(number(part[limit]))), nil
	}
	return append([]T{}, part...), nil, nil
}

// withoutData takes the payloads out of an event.
func withoutData(v *types.Event) {
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		d := s.Field(i)
		if !strings.HasSuffix(s.Type().Field(i).Name, "Details") || d.IsNil() {
			continue
		}
		for j := range d.Elem().NumField() {
			switch f := d.Elem().Field(j); f.Interface().(type) {
			case *types.EventInput, *types.EventResult, *types.EventError:
				if !f.IsNil() {
					f.Elem().FieldByName("Payload").SetZero()
				}
			}
		}
	}
}
