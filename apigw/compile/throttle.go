package compile

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/limit"
)

// throttle compiles what bounds a method's requests beside its callers' plans: what the stage sets for
// it, then what the account has. The setting "*/*" is for each method, not for all together (REST
// API guide, "Throttle requests": limits of a stage "are applied at the API method level"). A preflight is
// a request of the method OPTIONS like any other.
func (c *compiler) throttle(res types.Resource, verb string, m types.Method) step {
	account := c.deps.Buckets.Account(c.def.AccountID, c.def.Region, c.deps.AccountRate)
	t := &throttle{account: account, deps: c.deps}
	if s, _, ok := c.setting(*res.Path, verb); ok {
		t.method = c.methodBucket(verb+" "+*res.Path, limit.Rate{PerSecond: s.ThrottlingRateLimit, Burst: int(s.ThrottlingBurstLimit)})
	}
	if aws.ToBool(m.ApiKeyRequired) {
		return t.counted
	}
	return t.run
}

// methodBucket is the bucket of a method, nil for none and where the account's is never larger.
func (b *builder) methodBucket(name string, r limit.Rate) *limit.Bucket {
	account := b.deps.AccountRate
	if !account.Unlimited() && r.PerSecond >= account.PerSecond && r.Burst >= account.Burst {
		return nil
	}
	return b.deps.Buckets.Method(b.apiID, b.stage, name, r)
}

// A throttle is the step that takes a request's tokens.
type throttle struct {
	method, account *limit.Bucket
	deps            Deps
}

func (t *throttle) run(_ context.Context, _ *apigw.Exchange) error {
	if now := t.deps.Now(); !t.method.Take(now) || !t.account.Take(now) {
		return throttled
	}
	return nil
}

// counted is run for a method whose callers have a plan: what passes counts against its quota.
func (t *throttle) counted(ctx context.Context, x *apigw.Exchange) error {
	if err := t.run(ctx, x); err != nil {
		return err
	}
	if x.Usage != nil && !x.Usage.Count(t.deps.Now()) {
		return quotaExceeded
	}
	return nil
}
