package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"postern/apigw"
	"postern/apigw/policy"
)

// A Guard is the step that decides who may use a method: its authorizer and the API's resource
// policy, joined as the REST API guide, "How API Gateway resource policies affect authorization
// workflow", has it.
type Guard struct {
	Policy *policy.Document // the API's resource policy, nil for none
	// Ask is the method's authorizer: what it says of the caller, whom it puts into the Exchange. A
	// Rejection ends the request. Nil for a method without one.
	Ask   func(context.Context, *apigw.Exchange) (policy.Decision, error)
	Joint Joint
}

// A Joint is how an authorizer and a resource policy are joined.
type Joint int

const (
	// PolicyAlone is for methods without an authorizer: the policy must allow.
	PolicyAlone Joint = iota
	// EitherAllows is for Lambda authorizers: neither may deny and one must allow. What the policy
	// denies is denied before the authorizer is asked.
	EitherAllows
	// SignerAllows is for callers who sign, whom the policy may name: neither may deny and one must
	// allow; of a caller from another account, both must.
	SignerAllows
	// PolicyAfterwards is for user pools: the token must be good, and then the policy must allow,
	// if there is one.
	PolicyAfterwards
)

// maxMethodARN is how long the ARN of a method with authorization may be, the values of path parameters
// in it. (REST API guide, "Quotas for configuring and running a REST API".)
const maxMethodARN = 1600

var errLongARN = &apigw.Rejection{
	Type: apigw.Default4XX, Status: http.StatusRequestURITooLong, Message: "Request URI too long",
	Err: fmt.Errorf("the ARN of the method has more than %d bytes", maxMethodARN),
}

// Run is the step.
func (g *Guard) Run(ctx context.Context, x *apigw.Exchange) error {
	if g.Ask != nil && x.Stage.Protocol == apigw.REST && len(MethodARN(x)) > maxMethodARN {
		return errLongARN
	}
	var of policy.Decision // of the API's policy, which looks at nothing that a Lambda authorizer finds out
	early := g.Joint == EitherAllows && g.Policy != nil
	if early {
		if of = g.resource(x); of == policy.Deny {
			return denied(x, Invoke, inResourcePolicy)
		}
	}
	own := policy.Allow
	if g.Ask != nil {
		var err error
		if own, err = g.Ask(ctx, x); err != nil {
			return err
		}
	}
	if g.Policy == nil {
		return verdict(x, own, policy.Silent, own == policy.Allow && !foreign(x))
	}
	if !early {
		of = g.resource(x)
	}
	if foreign(x) || g.Joint == PolicyAlone || g.Joint == PolicyAfterwards {
		return verdict(x, own, of, own == policy.Allow && of == policy.Allow)
	}
	return verdict(x, own, of, own == policy.Allow || of == policy.Allow)
}

// foreign tells a caller from another account than the API's.
func foreign(x *apigw.Exchange) bool {
	return x.Identity.AccountID != "" && x.Identity.AccountID != x.Stage.AccountID
}

func verdict(x *apigw.Exchange, own, resource policy.Decision, allowed bool) error {
	switch {
	case own == policy.Deny:
		return denied(x, Invoke, inIdentityPolicy)
	case resource == policy.Deny:
		return denied(x, Invoke, inResourcePolicy)
	case !allowed:
		return denied(x, Invoke, "")
	}
	return nil
}

func (g *Guard) resource(x *apigw.Exchange) policy.Decision {
	r := RequestOf(x, Invoke)
	r.Delegated = foreign(x) // whose own policies must allow too
	return g.Policy.Evaluate(r)
}

// Actions that policies of APIs are about.
const (
	Invoke            = "execute-api:Invoke"
	InvalidateCache   = "execute-api:InvalidateCache"
	ManageConnections = "execute-api:ManageConnections"
)

// What is added to the message of an explicit denial (captured in 2025).
const (
	inIdentityPolicy = " with an explicit deny in an identity-based policy"
	inResourcePolicy = " with an explicit deny in a resource-based policy"
)

// denied is the answer to who may not. After a Lambda authorizer it does not say who that is
// (captured).
func denied(x *apigw.Exchange, action, explicit string) error {
	r := &apigw.Rejection{
		Type: apigw.AccessDenied, Err: errors.New("the policies do not allow the request" + explicit),
		Line: "The client is not authorized to perform this operation.",
	}
	if x.Authorization != nil && explicit != inResourcePolicy {
		r.Message = apigw.ResponseTypes[apigw.AccessDenied].Message + explicit
		return r
	}
	who := x.Identity.UserARN
	if who == "" {
		who = "anonymous"
	}
	r.Message = "User: " + who + " is not authorized to perform: " + action + " on resource: " + maskAccount(x) + explicit
	return r
}

// maskAccount is the method's ARN with all but the end of the account's id hidden (captured).
func maskAccount(x *apigw.Exchange) string {
	s, account := x.Stage, x.Stage.AccountID
	if len(account) == 12 {
		account = "********" + account[8:]
	}
	return apigw.APIARN(s.Region, account, s.APIID) + "/" + s.Name + "/" + asked(x)
}
