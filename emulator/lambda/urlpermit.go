package lambda

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
)

// urlActions are what a call of a function URL needs, both of them. (Lambda developer guide, "Control
// access to Lambda function URLs", read 2026-11: since October 2025, and since November 2026 for older URLs.)
var urlActions = []string{"lambda:InvokeFunctionUrl", invokeAction}

// permitURL says why somebody may not call a function through its URL; nil where they may.
func permitURL(t *target, c *apigw.URLCaller) error {
	for _, action := range urlActions {
		if err := permitURLAction(t, c, action); err != nil {
			return fmt.Errorf("%s: %w", action, err)
		}
	}
	return nil
}

// permitURLAction joins what the function's policy says of an action and, for who signed, their own
// policies: one of the two is enough for a caller of the function's account.
func permitURLAction(t *target, c *apigw.URLCaller, action string) error {
	if c.ARN == "" {
		return t.policy.permits(access{action: action, principal: everybody, urlAuth: types.FunctionUrlAuthTypeNone})
	}
	allowed, denied := c.Decide(action, t.arn)
	if denied {
		return errors.New("the caller's own policies deny it")
	}
	by := func(p principal) error {
		return t.policy.permits(access{action: action, principal: p, urlAuth: types.FunctionUrlAuthTypeAwsIam})
	}
	own, named := t.main.AccountID == c.AccountID, by(principal{"AWS", c.ARN})
	switch {
	case own && (allowed || named == nil):
		return nil
	case !allowed && named != nil:
		return named
	case !allowed:
		return errors.New("the caller's own policies do not allow it")
	case named == nil:
		return nil
	}
	return by(accountRoot(c.AccountID, t.main.Region))
}
