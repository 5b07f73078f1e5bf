package auth

import (
	"errors"
	"strings"

	"postern/apigw"
)

// The lines are those of AWS's execution logs (facts: rest-dataplane §17).

// logIdentity prints who calls, masked: the one source of a token as it is, those of a request as a map.
func (l *Lambda) logIdentity(x *apigw.Exchange, values []string) {
	if x.Log == nil {
		return
	}
	if l.Format.Token {
		x.Log.Printf("Incoming identity: %s", apigw.Mask(values[0]))
		return
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = l.Sources[i].Expression + "=" + apigw.Mask(v)
	}
	x.Log.Printf("Incoming identity: {%s}", strings.Join(parts, ", "))
}

func (l *Lambda) logResult(x *apigw.Exchange, r *Result) {
	if x.Log != nil {
		x.Log.Printf("Using valid authorizer policy for principal: %s", apigw.Mask(r.Authorization.PrincipalID))
		x.Log.Printf("Successfully completed authorizer execution")
	}
}

// unauthorized is the 401 of a caller whom the authorizer does not know.
func unauthorized(x *apigw.Exchange, why error) *apigw.Rejection {
	x.Log.Printf("Unauthorized request: %s", x.Request.ID)
	if x.Request.Test != nil {
		x.Log.Printf("Unauthorized")
	}
	return &apigw.Rejection{Type: apigw.Unauthorized, Err: why}
}

// misconfigured is the 500 of an authorizer that answers what is no answer.
func misconfigured(x *apigw.Exchange, why error) *apigw.Rejection {
	x.Log.Printf("Execution failed due to configuration error: %s", why)
	return misconfiguration(x, why)
}

// notCalled is the 500 of an authorizer whose function cannot be called.
func notCalled(x *apigw.Exchange, why error) *apigw.Rejection {
	words := why.Error()
	switch {
	case errors.Is(why, apigw.ErrNotPermitted):
		words = "Invalid permissions on Lambda function"
	case errors.Is(why, apigw.ErrThrottled):
		words = "Rate Exceeded."
	case errors.Is(why, apigw.ErrFunctionNotFound):
		words = "Invalid endpoint address"
	}
	x.Log.Printf("Execution failed due to configuration error: %s", words)
	x.Log.Printf("Execution failed due to configuration error: Authorizer error")
	return misconfiguration(x, why)
}

func misconfiguration(x *apigw.Exchange, why error) *apigw.Rejection {
	x.Log.Printf("AuthorizerConfigurationException")
	return &apigw.Rejection{Type: apigw.AuthorizerConfigurationError, Err: why}
}
