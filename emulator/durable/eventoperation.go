package durable

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// An eventOperation is an operation as the event of an invocation has it: without what is not there, and
// with times in milliseconds, which the SDKs for functions read.
type eventOperation struct {
	ID                   string  `json:"Id"`
	ParentID             *string `json:"ParentId,omitempty"`
	Name                 *string `json:",omitempty"`
	Type                 types.OperationType
	SubType              *string `json:",omitempty"`
	Status               types.OperationStatus
	StartTimestamp       *int64                `json:",omitempty"`
	EndTimestamp         *int64                `json:",omitempty"`
	ExecutionDetails     *executionDetails     `json:",omitempty"`
	ContextDetails       *contextDetails       `json:",omitempty"`
	StepDetails          *stepDetails          `json:",omitempty"`
	WaitDetails          *waitDetails          `json:",omitempty"`
	CallbackDetails      *callbackDetails      `json:",omitempty"`
	ChainedInvokeDetails *chainedInvokeDetails `json:",omitempty"`
}

type executionDetails struct {
	InputPayload *string `json:",omitempty"`
}

type contextDetails struct {
	ReplayChildren *bool `json:",omitempty"`
	outcome
}

type stepDetails struct {
	Attempt              int32
	NextAttemptTimestamp *int64 `json:",omitempty"`
	outcome
}

type waitDetails struct {
	ScheduledEndTimestamp *int64 `json:",omitempty"`
}

type callbackDetails struct {
	CallbackID *string `json:"CallbackId,omitempty"`
	outcome
}

type chainedInvokeDetails struct{ outcome }

type outcome struct {
	Result *string      `json:",omitempty"`
	Error  *errorDetail `json:",omitempty"`
}

type errorDetail struct {
	ErrorData    *string  `json:",omitempty"`
	ErrorMessage *string  `json:",omitempty"`
	ErrorType    *string  `json:",omitempty"`
	StackTrace   []string `json:",omitempty"`
}

func newOutcome(result *string, e *types.ErrorObject) outcome {
	o := outcome{Result: result}
	if e != nil {
		o.Error = &errorDetail{e.ErrorData, e.ErrorMessage, e.ErrorType, e.StackTrace}
	}
	return o
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	n := t.UnixMilli()
	return &n
}

func newEventOperation(o types.Operation) eventOperation {
	v := eventOperation{
		ID: *o.Id, ParentID: o.ParentId, Name: o.Name, Type: o.Type, SubType: o.SubType, Status: o.Status,
		StartTimestamp: millis(o.StartTimestamp), EndTimestamp: millis(o.EndTimestamp),
	}
	if d := o.ExecutionDetails; d != nil {
		v.ExecutionDetails = &executionDetails{d.InputPayload}
	}
	if d := o.ContextDetails; d != nil {
		v.ContextDetails = &contextDetails{d.ReplayChildren, newOutcome(d.Result, d.Error)}
	}
	if d := o.StepDetails; d != nil {
		v.StepDetails = &stepDetails{d.Attempt, millis(d.NextAttemptTimestamp), newOutcome(d.Result, d.Error)}
	}
	if d := o.WaitDetails; d != nil {
		v.WaitDetails = &waitDetails{millis(d.ScheduledEndTimestamp)}
	}
	if d := o.CallbackDetails; d != nil {
		v.CallbackDetails = &callbackDetails{d.CallbackId, newOutcome(d.Result, d.Error)}
	}
	if d := o.ChainedInvokeDetails; d != nil {
		v.ChainedInvokeDetails = &chainedInvokeDetails{newOutcome(d.Result, d.Error)}
	}
	return v
}
