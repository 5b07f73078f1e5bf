package durable

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const (
	start   = types.OperationActionStart
	succeed = types.OperationActionSucceed
	fail    = types.OperationActionFail
	retry   = types.OperationActionRetry
	cancel  = types.OperationActionCancel
)

// actionsOf are those that a type of operation has.
func actionsOf(t types.OperationType) []types.OperationAction {
	switch t {
	case types.OperationTypeExecution:
		return []types.OperationAction{succeed, fail}
	case types.OperationTypeContext:
		return []types.OperationAction{start, succeed, fail}
	case types.OperationTypeStep:
		return []types.OperationAction{start, succeed, fail, retry}
	case types.OperationTypeWait, types.OperationTypeCallback, types.OperationTypeChainedInvoke:
		return []types.OperationAction{start, cancel}
	}
	return nil
}

// apply does one update, or says why not.
func (c *change) apply(u types.OperationUpdate, t target) error {
	actions := actionsOf(u.Type)
	if actions == nil {
		return invalid("Unknown operation type.")
	}
	if !slices.Contains(actions, u.Action) {
		return invalid("Invalid action for the given operation type.")
	}
	if err := c.checkPayload(u); err != nil {
		return err
	}
	if u.Type == types.OperationTypeExecution {
		return c.applyExecution(u)
	}
	o, err := c.operation(*u.Id)
	if err != nil {
		return err
	}
	if err := c.checkPlace(u, o); err != nil {
		return err
	}
	switch u.Type {
	case types.OperationTypeContext:
		return c.applyContext(u, o)
	case types.OperationTypeStep:
		return c.applyStep(u, o)
	}
	if u.Action == cancel {
		return c.cancel(u, o)
	}
	if o != nil {
		return invalid("Cannot start a %s that already exists.", u.Type)
	}
	switch u.Type {
	case types.OperationTypeWait:
		return c.startWait(u)
	case types.OperationTypeCallback:
		return c.startCallback(u)
	}
	return c.startChained(u, t)
}

// checkPayload requires that result and error fit the action, and their sizes.
func (c *change) checkPayload(u types.OperationUpdate) error {
	switch {
	case u.Action == succeed && u.Error != nil:
		return invalid("Cannot provide an Error for SUCCEED action.")
	case u.Action == fail && u.Payload != nil:
		return invalid("Cannot provide a Payload for FAIL action.")
	case u.Action == retry && u.Error != nil && u.Payload != nil:
		return invalid("Cannot provide both error and payload to RETRY a STEP.")
	}
	if err := checkError(u.Error); err != nil {
		return err
	}
	n := len(aws.ToString(u.Payload))
	switch {
	case u.Type == types.OperationTypeExecution && n > c.x.maxResult():
		return invalid("Execution output payload size must be less than or equal to %d bytes.", c.x.maxResult())
	case u.Type == types.OperationTypeChainedInvoke && n > maxPayload:
		return invalid("CHAINED_INVOKE input payload size must be less than or equal to %d bytes.", maxPayload)
	case u.Type != types.OperationTypeExecution && n > maxPayload:
		return invalid("%s payload size must be less than or equal to %d bytes.", u.Type, maxPayload)
	}
	return nil
}

// checkPlace requires that an update is about what there is, and that its parent is a context.
func (c *change) checkPlace(u types.OperationUpdate, o *operation) error {
	if o != nil {
		switch {
		case o.Type != u.Type:
			return invalid("Inconsistent operation type.")
		case u.SubType != nil && aws.ToString(o.SubType) != *u.SubType:
			return invalid("Inconsistent operation subtype.")
		case u.Name != nil && aws.ToString(o.Name) != *u.Name:
			return invalid("Inconsistent operation name.")
		case u.ParentId != nil && aws.ToString(o.ParentId) != *u.ParentId:
			return invalid("Inconsistent parent operation id.")
		}
	}
	if u.ParentId == nil {
		return nil
	}
	p, err := c.operation(*u.ParentId)
	if err == nil && (p == nil || p.Type != types.OperationTypeContext) {
		err = invalid("Invalid parent operation id.")
	}
	return err
}

// applyExecution ends the execution, whatever the id: the SDKs make one up (see the testing library).
func (c *change) applyExecution(u types.OperationUpdate) error {
	if u.Action == succeed {
		return c.close(types.ExecutionStatusSucceeded, u.Payload, nil)
	}
	reason := u.Error
	if reason == nil {
		reason = &types.ErrorObject{}
	}
	return c.close(types.ExecutionStatusFailed, nil, reason)
}

func (c *change) applyContext(u types.OperationUpdate, o *operation) error {
	if u.Action == start {
		if o != nil {
			return invalid("Cannot start a CONTEXT that already exists.")
		}
		o = c.add(u)
		c.replays(o, u)
		c.event(o, types.EventTypeContextStarted, func(v *types.Event) { v.ContextStartedDetails = &types.ContextStartedDetails{} })
		return nil
	}
	if o != nil && o.Status != types.OperationStatusStarted {
		return invalid("Invalid current CONTEXT state to close.")
	}
	if o == nil {
		o = c.add(u)
	}
	c.replays(o, u)
	o.ContextDetails.Result, o.ContextDetails.Error = u.Payload, u.Error
	if u.Action == succeed {
		c.end(o, types.OperationStatusSucceeded)
		c.event(o, types.EventTypeContextSucceeded, func(v *types.Event) {
			v.ContextSucceededDetails = &types.ContextSucceededDetails{Result: resultOf(u.Payload)}
		})
		return nil
	}
	c.end(o, types.OperationStatusFailed)
	c.event(o, types.EventTypeContextFailed, func(v *types.Event) {
		v.ContextFailedDetails = &types.ContextFailedDetails{Error: reasonOf(u.Error)}
	})
	return nil
}

// replays notes whether what is in the context is needed when it has ended.
func (c *change) replays(o *operation, u types.OperationUpdate) {
	if o.ContextDetails == nil {
		o.ContextDetails = &types.ContextDetails{}
	}
	if u.ContextOptions != nil && u.ContextOptions.ReplayChildren != nil {
		o.ContextDetails.ReplayChildren = u.ContextOptions.ReplayChildren
	}
}

func (c *change) applyStep(u types.OperationUpdate, o *operation) error {
	const started, ready = types.OperationStatusStarted, types.OperationStatusReady
	if (u.Action == retry) != (u.StepOptions != nil && u.StepOptions.NextAttemptDelaySeconds != nil) {
		return invalid("Invalid StepOptions for the given action.")
	}
	switch {
	case u.Action == start && o != nil && o.Status != ready:
		return invalid("Invalid current STEP state to start.")
	case u.Action == retry && o != nil && o.Status != started && o.Status != ready:
		return invalid("Invalid current STEP state to re-attempt.")
	case u.Action != start && o != nil && o.Status != started && o.Status != ready:
		return invalid("Invalid current STEP state to close.")
	}
	if o == nil {
		o = c.add(u)
		o.StepDetails = &types.StepDetails{}
	}
	if u.Action == start {
		o.Status = started
		c.touch(o)
		c.event(o, types.EventTypeStepStarted, func(v *types.Event) { v.StepStartedDetails = &types.StepStartedDetails{} })
		return nil
	}
	o.StepDetails.Attempt++
	o.StepDetails.Result, o.StepDetails.Error = u.Payload, u.Error
	c.endAttempt(u, o)
	return nil
}

// endAttempt notes how an attempt of a step ended, which need not be its last.
func (c *change) endAttempt(u types.OperationUpdate, o *operation) {
	d := &types.RetryDetails{CurrentAttempt: o.StepDetails.Attempt}
	switch u.Action {
	case succeed:
		c.end(o, types.OperationStatusSucceeded)
	case fail:
		c.end(o, types.OperationStatusFailed)
	case retry:
		d.NextAttemptDelaySeconds = u.StepOptions.NextAttemptDelaySeconds
		next := c.now.Add(time.Duration(*d.NextAttemptDelaySeconds) * time.Second)
		o.Status, o.StepDetails.NextAttemptTimestamp = types.OperationStatusPending, &next
		c.wait(o, open{Due: next})
		c.touch(o)
	}
	if u.Action == fail || u.Error != nil {
		c.event(o, types.EventTypeStepFailed, func(v *types.Event) {
			v.StepFailedDetails = &types.StepFailedDetails{Error: reasonOf(u.Error), RetryDetails: d}
		})
		return
	}
	c.event(o, types.EventTypeStepSucceeded, func(v *types.Event) { // also of a condition that is polled on
		v.StepSucceededDetails = &types.StepSucceededDetails{Result: resultOf(u.Payload), RetryDetails: d}
	})
}

func (c *change) startWait(u types.OperationUpdate) error {
	if u.WaitOptions == nil || u.WaitOptions.WaitSeconds == nil {
		return invalid("Update for WAIT operation requires WaitOptions.")
	}
	o := c.add(u)
	until := c.now.Add(time.Duration(*u.WaitOptions.WaitSeconds) * time.Second)
	o.WaitDetails = &types.WaitDetails{ScheduledEndTimestamp: &until}
	c.wait(o, open{Due: until})
	c.event(o, types.EventTypeWaitStarted, func(v *types.Event) {
		v.WaitStartedDetails = &types.WaitStartedDetails{Duration: u.WaitOptions.WaitSeconds, ScheduledEndTimestamp: &until}
	})
	return nil
}

// cancel ends what the function does not wait for any more. Only that of a wait is in the history: the API has
// no event for the others.
func (c *change) cancel(u types.OperationUpdate, o *operation) error {
	if o == nil || o.Status != types.OperationStatusStarted {
		return invalid("Cannot cancel a %s that does not exist or has already completed.", u.Type)
	}
	c.end(o, types.OperationStatusCancelled)
	if u.Type == types.OperationTypeWait {
		c.event(o, types.EventTypeWaitCancelled, func(v *types.Event) {
			v.WaitCancelledDetails = &types.WaitCancelledDetails{}
			if u.Error != nil {
				v.WaitCancelledDetails.Error = reasonOf(u.Error)
			}
		})
	}
	return nil
}
