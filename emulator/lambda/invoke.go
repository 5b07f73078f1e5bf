package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/durable"
	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

const invokeAction = "lambda:InvokeFunction"

// InvokeFunction is the operation Invoke. A caller of the function's own account
// needs no permission; one of another account needs a statement for it.
func (s *Service) InvokeFunction(ctx context.Context, in *sdk.InvokeInput) (*sdk.InvokeOutput, error) {
	how := invocationType(in.InvocationType)
	r, err := readRef(ctx, invokeAction, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	inv, err := newInvocation(ctx, in, how)
	if err != nil {
		return nil, err
	}
	t, err := s.invocable(ctx, r)
	if err != nil {
		return nil, err
	}
	inv.InvokedARN = t.arn
	if t.durable != nil {
		return s.invokeDurable(ctx, t, inv, how, aws.ToString(in.DurableExecutionName))
	}
	if in.DurableExecutionName != nil {
		return nil, invalid("A durable execution name can be given to durable functions only.") // the text is ours
	}
	switch how {
	case types.InvocationTypeDryRun:
		return &sdk.InvokeOutput{StatusCode: 204}, nil
	case types.InvocationTypeEvent:
		return &sdk.InvokeOutput{StatusCode: 202}, s.events.add(ctx, r, inv)
	}
	return s.invokeNow(ctx, t, inv, in.LogType == types.LogTypeTail)
}

// invocationType is the type that a request means; empty is the default.
func invocationType(t types.InvocationType) types.InvocationType {
	if t == "" {
		return types.InvocationTypeRequestResponse
	}
	return t
}

// newInvocation checks what an SDK sends along. The invocation's request id is
// that of the request.
func newInvocation(ctx context.Context, in *sdk.InvokeInput, how types.InvocationType) (*lambdarunner.Invocation, error) {
	if aws.ToString(in.TenantId) != "" {
		return nil, notEmulated("TenantId")
	}
	if err := durable.CheckName(in.DurableExecutionName); err != nil {
		return nil, err
	}
	payload, err := newPayload(in.Payload, how)
	if err != nil {
		return nil, err
	}
	client, err := newClientContext(in.ClientContext)
	if err != nil {
		return nil, err
	}
	return &lambdarunner.Invocation{
		RequestID: wire.CallerFrom(ctx).RequestID, Payload: payload, ClientContext: client, TraceID: traceOf(ctx),
	}, nil
}

// invocable finds what the caller wants to invoke and whether it may.
func (s *Service) invocable(ctx context.Context, r ref) (*target, error) {
	t, err := s.resolve(ctx, r)
	if isMissing(err) && r.Qualifier == "" {
		return nil, functionNotFound(r.at(latest).arn()) // recorded: with the qualifier that was not used
	}
	if err != nil {
		return nil, err
	}
	c := wire.CallerFrom(ctx)
	if r.Account == c.AccountID || s.RelaxedPermissions {
		return t, nil
	}
	by := []principal{accountRoot(c.AccountID, c.Region)}
	if s.Principals != nil {
		for _, arn := range s.Principals(ctx, c.AccessKeyID) {
			by = append(by, principal{"AWS", arn})
		}
	}
	if !slices.ContainsFunc(by, func(p principal) bool { return t.policy.permits(access{action: invokeAction, principal: p}) == nil }) {
		return nil, accessDenied(c, invokeAction, r.arn())
	}
	return t, nil
}

func (s *Service) invokeNow(ctx context.Context, t *target, inv *lambdarunner.Invocation, tail bool) (*sdk.InvokeOutput, error) {
	inv.Tail = tail
	if inv.RequestID == "" {
		inv.RequestID = s.NewID()
	}
	fn := t.pick(s.Float64)
	res, err := s.run(ctx, t, fn, inv)
	if err != nil {
		return nil, runError(err)
	}
	out := &sdk.InvokeOutput{StatusCode: 200, Payload: res.Payload, ExecutedVersion: &fn.Version}
	if res.FunctionError != "" {
		out.FunctionError = &res.FunctionError
	}
	if tail {
		out.LogResult = aws.String(base64.StdEncoding.EncodeToString(res.LogTail))
	}
	return out, nil
}

// runError is what a client is told when no sandbox took the event.
func runError(err error) error {
	switch {
	case errors.Is(err, errRecursive):
		return recursive()
	case errors.Is(err, errReserved):
		return throttled(types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded)
	case errors.Is(err, lambdarunner.ErrThrottled):
		return throttled(types.ThrottleReasonConcurrentInvocationLimitExceeded)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &types.ServiceException{Message: aws.String(err.Error()), Type: aws.String("Service")}
}

func throttled(why types.ThrottleReason) error {
	return &types.TooManyRequestsException{Message: aws.String("Rate Exceeded."), Type: byUser, Reason: why}
}

// Invoke runs a function for API Gateway: it implements apigw.Invoker. Unless
// permissions are relaxed, the resource policy of the function, version or alias
// that the ARN names has to allow call.Principal.
func (s *Service) Invoke(ctx context.Context, call apigw.InvokeRequest) (apigw.Invocation, error) {
	t, err := s.called(ctx, call.FunctionARN)
	if err != nil {
		return apigw.Invocation{}, err
	}
	if err := s.permit(ctx, t, call); err != nil {
		return apigw.Invocation{}, err
	}
	how := invocationType(types.InvocationType(call.InvocationType))
	payload, err := newPayload(call.Payload, how)
	if err != nil {
		return apigw.Invocation{}, err
	}
	inv := &lambdarunner.Invocation{RequestID: s.NewID(), InvokedARN: t.arn, Payload: payload, TraceID: unchained(call.TraceID)}
	if inv.TraceID == "" {
		inv.TraceID = newTraceID()
	}
	if t.durable != nil {
		return s.durableFor(ctx, t, inv, how)
	}
	switch how {
	case types.InvocationTypeDryRun:
		return apigw.Invocation{RequestID: inv.RequestID, StatusCode: 204}, nil
	case types.InvocationTypeEvent:
		return s.queueFor(ctx, t, inv)
	case types.InvocationTypeRequestResponse:
		if call.Stream {
			return s.streamFor(ctx, t, inv)
		}
		return s.runFor(ctx, t, inv)
	}
	return apigw.Invocation{}, fmt.Errorf("invocation type %q is none of RequestResponse, Event, DryRun", how)
}

// called finds the function that an ARN of any account and region names.
func (s *Service) called(ctx context.Context, arn string) (*target, error) {
	if known, ok := s.targets.byARN.Load(arn); ok {
		return known.(*target), nil
	}
	r, err := splitName(arn, store.Scope{Account: wire.DefaultAccountID, Region: wire.CallerFrom(ctx).Region})
	var t *target
	if err == nil {
		t, err = s.resolve(ctx, r)
	}
	if isMissing(err) {
		return nil, fmt.Errorf("%w: %s", apigw.ErrFunctionNotFound, arn)
	}
	return t, err
}

// permit checks the policies of whom the call is made as, and the function's.
func (s *Service) permit(ctx context.Context, t *target, call apigw.InvokeRequest) error {
	if s.RelaxedPermissions {
		return nil
	}
	if call.URL != nil {
		return notPermitted(t, permitURL(t, call.URL))
	}
	who := access{
		action: invokeAction, principal: principal{"Service", call.Principal}, sourceARN: call.SourceARN, sourceAccount: call.SourceAccount,
	}
	if call.RoleARN != "" {
		if s.Credentials == nil {
			return nil
		}
		arn, allowed, err := s.Credentials(ctx, call, t.arn)
		if err != nil || allowed {
			return notPermitted(t, err)
		}
		who.principal = principal{"AWS", arn} // its own policies are silent, the function's may allow it
	}
	return notPermitted(t, t.policy.permits(who))
}

func notPermitted(t *target, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w %s: %w", apigw.ErrNotPermitted, t.arn, err)
}

func (s *Service) queueFor(ctx context.Context, t *target, inv *lambdarunner.Invocation) (apigw.Invocation, error) {
	r, err := splitName(t.arn, store.Scope{})
	if err == nil {
		err = s.events.add(ctx, r, inv)
	}
	return apigw.Invocation{RequestID: inv.RequestID, StatusCode: 202}, err
}

func (s *Service) runFor(ctx context.Context, t *target, inv *lambdarunner.Invocation) (apigw.Invocation, error) {
	fn := t.pick(s.Float64)
	res, err := s.run(ctx, t, fn, inv)
	if err != nil {
		return apigw.Invocation{}, invokerError(t, err)
	}
	return apigw.Invocation{
		RequestID: inv.RequestID, StatusCode: 200, Payload: res.Payload,
		FunctionError: res.FunctionError, ExecutedVersion: fn.Version,
	}, nil
}

// traceOf is the trace header of a request, or a new one.
func traceOf(ctx context.Context) string {
	if header := wire.CallerFrom(ctx).TraceID; header != "" {
		return header
	}
	return newTraceID()
}

// newTraceID begins an X-Ray trace; whether it is sampled is up to the function. It identifies, it does
// not protect, so it need not be unguessable.
func newTraceID() string {
	return fmt.Sprintf("Root=1-%08x-%016x%08x;Parent=%016x", rand.Uint32(), rand.Uint64(), rand.Uint32(), rand.Uint64())
}
