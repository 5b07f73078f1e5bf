package auth

import (
	"context"

	"postern/apigw"
	"postern/apigw/policy"
)

// An Authenticator verifies signatures. It is declared here, where it is used.
type Authenticator interface {
	// Authenticate finds who signed a call, puts them into x.Identity and returns them. A request
	// without a signature, or with one that is not good, is a *apigw.Rejection in AWS's words.
	Authenticate(ctx context.Context, x *apigw.Exchange) (Caller, error)
}

// A Caller is who signed.
type Caller interface {
	// Decide is what the caller's own policies say, in whatever way they are bounded.
	Decide(*policy.Request) policy.Decision
}

// Signed is the authorizer of AWS_IAM: who signed, and what their own policies say.
func Signed(a Authenticator) func(context.Context, *apigw.Exchange) (policy.Decision, error) {
	return func(ctx context.Context, x *apigw.Exchange) (policy.Decision, error) {
		caller, err := a.Authenticate(ctx, x)
		if err != nil {
			return policy.Silent, err
		}
		x.Identity.Decide = func(action string) (allowed, denied bool) {
			d := caller.Decide(RequestOf(x, action))
			return d == policy.Allow, d == policy.Deny
		}
		return caller.Decide(RequestOf(x, Invoke)), nil
	}
}

// Manages is the step of calls about connections of WebSocket APIs: the caller's own policies must allow them.
func Manages(a Authenticator) func(context.Context, *apigw.Exchange) error {
	return func(ctx context.Context, x *apigw.Exchange) error {
		caller, err := a.Authenticate(ctx, x)
		if err != nil {
			return err
		}
		switch own := caller.Decide(RequestOf(x, ManageConnections)); {
		case own == policy.Deny:
			return denied(x, ManageConnections, inIdentityPolicy)
		case own != policy.Allow || foreign(x):
			return denied(x, ManageConnections, "")
		}
		return nil
	}
}

// Permits tells whether a caller may do another thing than invoke the method: their own policies, or the
// API's, allow it and none denies it.
func Permits(x *apigw.Exchange, api *policy.Document, action string) bool {
	var allowed, denied bool
	if x.Identity.Decide != nil {
		allowed, denied = x.Identity.Decide(action)
	}
	of := api.Evaluate(RequestOf(x, action))
	return !denied && of != policy.Deny && (allowed || of == policy.Allow)
}
