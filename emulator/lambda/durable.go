package lambda

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/durable"
	"postern/emulator/store"
	"postern/lambdarunner"
)

const (
	maxExecutionTimeout = 31622400 // seconds: a year of 366 days
	maxSyncExecution    = 900      // seconds that a caller may wait for an execution
	defaultRetention    = 14       // days (SAM reference, DurableConfig)
)

// checkDurable requires what the model does of a DurableConfig.
func (v *violations) checkDurable(c *types.DurableConfig) {
	if c == nil {
		return
	}
	v.between("durableConfig.executionTimeout", c.ExecutionTimeout, 1, maxExecutionTimeout)
	v.between("durableConfig.retentionPeriodInDays", c.RetentionPeriodInDays, 1, 90)
}

// newDurable is the DurableConfig of a new function.
func newDurable(c *types.DurableConfig) (*types.DurableConfig, error) {
	if c == nil {
		return nil, nil
	}
	if c.ExecutionTimeout == nil {
		return nil, invalid("You cannot create a function with a durable configuration without an executionTimeout")
	}
	return changedDurable(types.DurableConfig{RetentionPeriodInDays: aws.Int32(defaultRetention)}, c), nil
}

// changedDurable is a DurableConfig with what was sent of another. Configurations are shared: it is a new one.
func changedDurable(c types.DurableConfig, sent *types.DurableConfig) *types.DurableConfig {
	set(&c.ExecutionTimeout, sent.ExecutionTimeout)
	set(&c.RetentionPeriodInDays, sent.RetentionPeriodInDays)
	return &c
}

// updateDurable changes the DurableConfig of a function that has one. A function is durable from its creation or
// never (Developer Guide, "Configure Lambda durable functions"); the text is ours.
func updateDurable(c *types.FunctionConfiguration, sent *types.DurableConfig) error {
	if sent == nil {
		return nil
	}
	if c.DurableConfig == nil {
		return invalid("You cannot add a durable configuration to a function that was created without one.")
	}
	c.DurableConfig = changedDurable(*c.DurableConfig, sent)
	return nil
}

// startDurable begins an execution of a durable function, or finds the one that has the name already.
func (s *Service) startDurable(ctx context.Context, t *target, inv *lambdarunner.Invocation, name string, sync bool) (durable.Started, string, error) {
	if err := t.invocableDurable(sync); err != nil {
		return durable.Started{}, "", err
	}
	if _, err := t.trace(inv.TraceID); err != nil { // an execution would be tried again
		return durable.Started{}, "", recursive()
	}
	fn := t.pick(s.Float64)
	started, err := s.durable.Start(ctx, durable.Start{
		Function: durable.Function{Scope: store.Scope{Account: fn.AccountID, Region: fn.Region}, Name: fn.Name, Version: fn.Version},
		Config:   *t.durableOf(fn), Name: name, Payload: inv.Payload, TraceID: inv.TraceID, RequestID: inv.RequestID, Sync: sync,
	})
	return started, fn.Version, err
}

// invocableDurable says why a durable function cannot be invoked as it was; nil of any other.
func (t *target) invocableDurable(sync bool) error {
	switch {
	case t.durable == nil:
		return nil
	case !t.qualified:
		return invalid("You cannot invoke a durable function using an unqualified ARN.")
	case sync && aws.ToInt32(t.durable.ExecutionTimeout) > maxSyncExecution:
		return invalid("You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.")
	}
	return nil
}

// durableOf is the DurableConfig of a version of the target.
func (t *target) durableOf(fn *lambdarunner.Function) *types.DurableConfig {
	if fn == t.other {
		return t.otherDurable
	}
	return t.durable
}

// invokeDurable is the operation Invoke for a durable function.
func (s *Service) invokeDurable(ctx context.Context, t *target, inv *lambdarunner.Invocation, how types.InvocationType, name string) (*sdk.InvokeOutput, error) {
	sync := how == types.InvocationTypeRequestResponse
	if how == types.InvocationTypeDryRun {
		return &sdk.InvokeOutput{StatusCode: 204}, t.invocableDurable(sync)
	}
	started, version, err := s.startDurable(ctx, t, inv, name, sync)
	if err != nil {
		return nil, err
	}
	out := &sdk.InvokeOutput{StatusCode: 202, DurableExecutionArn: &started.ARN}
	if !sync {
		return out, nil
	}
	payload, failed, err := s.ended(ctx, started)
	if err != nil {
		return nil, err
	}
	out.StatusCode, out.Payload, out.ExecutedVersion = 200, payload, &version
	if failed != "" {
		out.FunctionError = &failed
	}
	return out, nil
}

// ended waits for an execution and answers as a function does that has run.
func (s *Service) ended(ctx context.Context, x durable.Started) (payload []byte, functionError string, err error) {
	o, err := s.durable.Wait(ctx, x)
	if err != nil {
		return nil, "", err
	}
	if o.Status == types.ExecutionStatusSucceeded {
		return []byte(aws.ToString(o.Result)), "", nil
	}
	return errorPayload(o), "Unhandled", nil
}

// errorPayload is the error of an execution as functions report theirs.
func errorPayload(o durable.Outcome) []byte {
	e := struct {
		ErrorMessage *string  `json:"errorMessage,omitempty"`
		ErrorType    *string  `json:"errorType,omitempty"`
		ErrorData    *string  `json:"errorData,omitempty"`
		StackTrace   []string `json:"stackTrace,omitempty"`
	}{}
	if o.Error != nil {
		e.ErrorMessage, e.ErrorType, e.ErrorData, e.StackTrace = o.Error.ErrorMessage, o.Error.ErrorType, o.Error.ErrorData, o.Error.StackTrace
	}
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // plain strings
	}
	return b
}

// durableFor runs a durable function for API Gateway, which sees no difference.
func (s *Service) durableFor(ctx context.Context, t *target, inv *lambdarunner.Invocation, how types.InvocationType) (apigw.Invocation, error) {
	out, err := s.invokeDurable(ctx, t, inv, how, "")
	if err != nil {
		return apigw.Invocation{}, invokerError(t, err)
	}
	return apigw.Invocation{
		RequestID: inv.RequestID, StatusCode: int(out.StatusCode), Payload: out.Payload,
		FunctionError: aws.ToString(out.FunctionError), ExecutedVersion: aws.ToString(out.ExecutedVersion),
	}, nil
}

// accept takes an asynchronous invocation: a durable function begins an execution, any other has an event queued.
func (s *Service) accept(ctx context.Context, t *target, r ref, inv *lambdarunner.Invocation) error {
	if t.durable == nil {
		return s.events.add(ctx, r, inv)
	}
	_, _, err := s.startDurable(ctx, t, inv, "", false)
	return err
}

// A durableRunner lets executions run this Service's functions.
type durableRunner struct{ *Service }

// Resolve implements durable.Runner.
func (s durableRunner) Resolve(ctx context.Context, here store.Scope, function string) (durable.Target, error) {
	r, err := splitName(function, here)
	if err != nil {
		return durable.Target{}, err
	}
	if r.Scope != here {
		// Chained invocations stay in their account and region (Developer Guide, "Invoking durable Lambda functions").
		return durable.Target{}, invalid("Cannot start a CHAINED_INVOKE on a function in another account or region.")
	}
	t, err := s.resolve(ctx, r)
	if err != nil {
		return durable.Target{}, err
	}
	fn := t.pick(s.Float64)
	return durable.Target{Function: durable.Function{Scope: here, Name: fn.Name, Version: fn.Version}, Durable: t.durableOf(fn)}, t.invocableDurable(false)
}

// Run implements durable.Runner.
func (s durableRunner) Run(ctx context.Context, f durable.Function, c durable.Call) (durable.Answer, error) {
	t, err := s.resolve(ctx, ref{Scope: f.Scope, Name: f.Name, Qualifier: f.Version})
	if err != nil {
		return durable.Answer{}, err
	}
	res, err := s.run(ctx, t, t.main, &lambdarunner.Invocation{RequestID: c.RequestID, InvokedARN: t.arn, Payload: c.Payload, TraceID: c.TraceID})
	if err != nil {
		return durable.Answer{}, err
	}
	return durable.Answer{Payload: res.Payload, Failed: res.FunctionError != ""}, nil
}

// Failed implements durable.Runner: it sends the event to the function's dead-letter queue (Developer Guide, "Invoking
// durable Lambda functions").
func (s durableRunner) Failed(ctx context.Context, f durable.Failure) {
	r := ref{Scope: f.Function.Scope, Name: f.Function.Name, Qualifier: f.Function.Version}
	t, err := s.resolve(ctx, r)
	if err != nil || t.deadLetter == "" {
		return
	}
	o := outcome{condition: conditionRetries, result: &lambdarunner.Result{Payload: errorPayload(durable.Outcome{Error: f.Error})}}
	letter := deadLetter(f.RequestID, event{Function: r, Payload: f.Payload}, o, t, s.Now())
	s.events.delivered("dead-letter queue", t.deadLetter, f.RequestID, s.deliver(ctx, letter))
}

// checkDurableDestination refuses destinations of a durable function, which has none on AWS either (Developer Guide,
// "Invoking durable Lambda functions"). The text is ours.
func checkDurableDestination(c types.FunctionConfiguration, asked types.FunctionEventInvokeConfig) error {
	if success, failure := destinations(&asked); c.DurableConfig != nil && success+failure != "" {
		return invalid("Durable functions do not support Lambda invocation destinations.")
	}
	return nil
}

// ListDurableExecutionsByFunction lists the executions of a function, the newest first.
func (s *Service) ListDurableExecutionsByFunction(ctx context.Context, in *sdk.ListDurableExecutionsByFunctionInput) (*sdk.ListDurableExecutionsByFunctionOutput, error) {
	r, err := readRef(ctx, "lambda:ListDurableExecutionsByFunction", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	limit, err := durable.Limit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	f := durable.Filter{
		Function: r.Name, Name: aws.ToString(in.DurableExecutionName), Statuses: in.Statuses, After: in.StartedAfter, Before: in.StartedBefore,
		OldestFirst: aws.ToBool(in.ReverseOrder), Limit: limit, Marker: aws.ToString(in.Marker),
	}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		v, err := findVersion(tx, r)
		if r.Qualifier != "" {
			f.Version = aws.ToString(v.Config.Version)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &sdk.ListDurableExecutionsByFunctionOutput{}
	out.DurableExecutions, out.NextMarker, err = s.durable.List(ctx, r.Scope, f)
	return out, err
}

// firstDurableRetry is the first pause after an invocation of an execution has failed.
func (o Options) firstDurableRetry() time.Duration {
	if len(o.RetryDelays) > 0 {
		return min(o.RetryDelays[0], time.Second)
	}
	return time.Second
}
