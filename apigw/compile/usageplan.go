package compile

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/limit"
)

// A usagePlan is the step that checks the API key of a method's callers, and what their plan grants.
type usagePlan struct {
	keys         *limit.Keys
	target       limit.Target
	shown        string // as logs do, with the verb as defined (seen on AWS): "GET /pets"
	byAuthorizer bool   // the authorizer says which key it is
	deps         Deps
}

// apiKey compiles the check of a method's API key; nil for a method that asks for none and logs nothing.
func (c *compiler) apiKey(res types.Resource, verb string, m types.Method) step {
	u := &usagePlan{
		target: limit.NewTarget(c.apiID+"/"+c.stage, *res.Path+"/"+verb), shown: verb + " " + *res.Path,
		byAuthorizer: c.def.API.ApiKeySource == types.ApiKeySourceTypeAuthorizer,
	}
	return c.plan(u, aws.ToBool(m.ApiKeyRequired), c.logging(res, verb) != nil)
}

// plan is the step of a usagePlan; nil where no key is required and nothing is logged.
func (b *builder) plan(u *usagePlan, required, logged bool) step {
	u.deps = b.deps
	switch {
	case required:
		u.keys = b.deps.Keys(b.accountID, b.region)
		return u.Run
	case logged:
		return u.open
	}
	return nil
}

// open is the step of a method that requires no key: only the log says so.
func (u *usagePlan) open(_ context.Context, x *apigw.Exchange) error {
	key := apigw.Mask(u.value(x))
	u.logStart(x, key)
	x.Log.Printf("API Key %s authorized because method '%s' does not require API Key. Request will not contribute to throttle or quota limits", key, u.shown)
	u.logSuccess(x, key)
	return nil
}

var (
	throttled     = &apigw.Rejection{Type: apigw.Throttled}
	quotaExceeded = &apigw.Rejection{Type: apigw.QuotaExceeded}
)

// Run finds the key's plan, and takes from what it grants but the quota, which only counts what
// no other limit refuses.
func (u *usagePlan) Run(ctx context.Context, x *apigw.Exchange) error {
	value := u.value(x)
	if x.Log != nil {
		u.logStart(x, apigw.Mask(value))
	}
	key, pass, err := u.find(ctx, value)
	if err != nil {
		return u.refuse(x, value, err)
	}
	x.Identity.APIKey, x.Identity.APIKeyID = key.Value, key.ID
	now := u.deps.Now()
	switch {
	case pass.Exhausted(now):
		return quotaExceeded
	case !pass.Take(now, u.target):
		return throttled
	}
	x.Usage = pass
	if x.Log != nil {
		u.logSuccess(x, apigw.Mask(value))
	}
	return nil
}

// value is the key that the client or the authorizer named, "" for none.
func (u *usagePlan) value(x *apigw.Exchange) string {
	if !u.byAuthorizer {
		return x.Request.APIKey()
	}
	if x.Authorization == nil {
		return ""
	}
	return x.Authorization.UsageIdentifierKey
}

// Why a key does not pass. The texts of the last two were seen in AWS's logs.
var (
	//lint:ignore ST1005 these are AWS's words
	errNoKey      = errors.New("No API Key")
	errUnknownKey = errors.New("API Key was not found")
	errDisabled   = errors.New("API Key is disabled")
	//lint:ignore ST1005 these are AWS's words
	errNoPlan     = errors.New("No Usage Plan found for key and API Stage")
	errNotPlanned = errors.New("API Stage is not in a Usage Plan")
)

func (u *usagePlan) find(ctx context.Context, value string) (*limit.Key, limit.Pass, error) {
	if value == "" {
		return nil, limit.Pass{}, errNoKey
	}
	key, err := u.keys.Find(ctx, value)
	switch {
	case err != nil:
		return nil, limit.Pass{}, err
	case key == nil:
		return nil, limit.Pass{}, errUnknownKey
	case !key.Enabled:
		return nil, limit.Pass{}, errDisabled
	}
	pass, ok := key.Pass(u.target.Stage)
	if !ok {
		return nil, limit.Pass{}, errNoPlan
	}
	return key, pass, nil
}

// refuse answers for a key that does not pass, and for keys that cannot be read.
func (u *usagePlan) refuse(x *apigw.Exchange, value string, why error) error {
	switch why {
	case errNoKey, errUnknownKey, errDisabled, errNoPlan:
	default:
		return why
	}
	if x.Log != nil {
		if why == errNoPlan && !u.keys.Planned(u.target.Stage) {
			why = errNotPlanned
		}
		x.Log.Printf("API Key %s not authorized because method '%s' requires API Key and API Key is not associated with a Usage Plan for API Stage %s: %v",
			apigw.Mask(value), u.shown, u.target.Stage, why)
	}
	return &apigw.Rejection{Type: apigw.InvalidAPIKey}
}

func (u *usagePlan) logStart(x *apigw.Exchange, key string) {
	x.Log.Printf("Verifying Usage Plan for request: %s. API Key: %s API Stage: %s", x.Request.ID, key, u.target.Stage)
}

func (u *usagePlan) logSuccess(x *apigw.Exchange, key string) {
	x.Log.Printf("Usage Plan check succeeded for API Key %s and API Stage %s", key, u.target.Stage)
}
