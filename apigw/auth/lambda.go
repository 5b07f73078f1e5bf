package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"

	"postern/apigw"
	"postern/apigw/integration"
	"postern/apigw/policy"
)

// A Lambda is an authorizer that asks a function. It serves one stage.
type Lambda struct {
	ID       string
	Format   Format
	Sources  []Source
	Pattern  *integration.Pattern // that a token has to match, nil for any
	Function integration.Text     // ARN, may end in a version or alias
	Role     integration.Text     // credentials, empty for none
	TTL      time.Duration        // 0: nothing is remembered
	Invoker  apigw.Invoker
	Now      func() time.Time

	cache  cache
	flight singleflight.Group
}

// timeout is how long API Gateway waits for an authorizer: as for an integration. (AWS documents no
// limit for REST APIs.)
const timeout = 29 * time.Second

// Authorize is a Guard's Ask: who calls goes into the Exchange, for gateway responses too.
func (l *Lambda) Authorize(ctx context.Context, x *apigw.Exchange) (policy.Decision, error) {
	r, err := l.Ask(ctx, x)
	if err != nil {
		return policy.Silent, err
	}
	x.Authorization = r.Authorization
	return r.Decide(x), nil
}

// Ask returns what the authorizer says of a call: 401 as a *apigw.Rejection where the
// identity is missing or the function says "Unauthorized", 500 where the function cannot be
// called or does not answer as it should. A result is shared and must not be changed.
func (l *Lambda) Ask(ctx context.Context, x *apigw.Exchange) (*Result, error) {
	if x.Log != nil {
		x.Log.Printf("Starting authorizer: %s for request: %s", l.ID, x.Request.ID)
	}
	var few [4]string
	values, ok := identity(l.Sources, x, few[:0])
	if !ok {
		return nil, unauthorized(x, errors.New("the identity source is missing"))
	}
	l.logIdentity(x, values)
	if l.Pattern != nil {
		if ok, err := l.Pattern.Match(values[0]); err != nil {
			return nil, misconfigured(x, fmt.Errorf("identityValidationExpression: %w", err))
		} else if !ok {
			return nil, unauthorized(x, errors.New("the token does not match identityValidationExpression"))
		}
	}
	return l.recall(ctx, x, values)
}

// recall takes a result from the cache, or asks the function and remembers what it says. Calls of
// the same identity wait for one answer.
func (l *Lambda) recall(ctx context.Context, x *apigw.Exchange, values []string) (*Result, error) {
	if l.TTL == 0 {
		return l.call(ctx, x, values)
	}
	key := cacheKey(values)
	r, age := l.cache.get(key, l.Now())
	if r != nil {
		l.logResult(x, r)
		return r, nil
	}
	v, err, _ := l.flight.Do(strconv.Itoa(age)+" "+key, func() (any, error) {
		r, err := l.call(context.WithoutCancel(ctx), x, values) // others wait for it too
		if err == nil {
			l.cache.put(key, r, age, l.Now(), l.TTL)
		}
		return r, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*Result), nil
}

// Flush forgets all results.
func (l *Lambda) Flush() { l.cache.flush() }

// call invokes the function and reads its answer.
func (l *Lambda) call(ctx context.Context, x *apigw.Exchange, values []string) (*Result, error) {
	arn, err := l.Function.Resolve(x)
	if err != nil {
		return nil, notCalled(x, err)
	}
	role, err := l.Role.Resolve(x)
	if err != nil {
		return nil, notCalled(x, err)
	}
	event := l.Format.Event(x, values)
	if len(event) > integration.MaxEvent {
		return nil, notCalled(x, fmt.Errorf("the event of %d bytes is larger than Lambda's limit of %d", len(event), integration.MaxEvent))
	}
	req := apigw.InvokeRequest{
		FunctionARN: arn, Payload: event, Principal: integration.Principal, SourceARN: l.sourceARN(x),
		SourceAccount: x.Stage.AccountID, RoleARN: role, TraceID: x.Request.TraceID(),
	}
	integration.LogInvoke(x, &req)
	out, err := l.invoke(ctx, x, req)
	if err != nil {
		return nil, notCalled(x, err)
	}
	return l.read(x, out)
}

// invoke calls the function and notes how it went in x.Authorizer.
func (l *Lambda) invoke(ctx context.Context, x *apigw.Exchange, req apigw.InvokeRequest) (apigw.Invocation, error) {
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := l.Now()
	out, err := l.Invoker.Invoke(timed, req)
	x.Authorizer = apigw.Call{Made: true, Latency: l.Now().Sub(began), RequestID: out.RequestID, Status: out.StatusCode}
	if err == nil {
		return out, nil
	}
	if timed.Err() != nil {
		err = fmt.Errorf("no answer of the authorizer in %v: %w", timeout, err)
	}
	if x.Authorizer.Error = err.Error(); l.Format.Refused != "" && errors.Is(err, apigw.ErrNotPermitted) {
		x.Authorizer.Error = l.Format.Refused
	}
	return out, err
}

// read makes a Result of what the function returned.
func (l *Lambda) read(x *apigw.Exchange, out apigw.Invocation) (*Result, error) {
	if x.Log != nil {
		x.Log.Body("Authorizer result body before parsing", out.Payload, false)
	}
	if l.Format.Unauthorized && out.FunctionError != "" && integration.ErrorMessage(out.Payload) == "Unauthorized" {
		x.Authorizer.Error = "Unauthorized"
		return nil, unauthorized(x, errors.New("the authorizer says Unauthorized"))
	}
	r, err := l.Format.Read(out)
	if err != nil {
		x.Authorizer.Error = err.Error()
		return nil, misconfigured(x, err)
	}
	l.logResult(x, r)
	return r, nil
}

// sourceARN is who calls, for the function's policy.
func (l *Lambda) sourceARN(x *apigw.Exchange) string {
	return x.Stage.APIARN() + "/authorizers/" + l.ID
}
