package emulator

import (
	"context"
	"fmt"
	"postern/emulator/lazyregexp"

	"postern/apigw"
	"postern/apigw/policy"
)

const invokeFunction = "lambda:InvokeFunction"

var rolePattern = lazyregexp.New(`^arn:aws[\w-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)$`)

// mayInvoke decides about the call of a function with the credentials of an integration or an
// authorizer: see lambda.Options.
//
// Unlike AWS, a role that IAM here does not have may call any function: most APIs name roles of the
// account that they are deployed to later.
func (e *Emulator) mayInvoke(ctx context.Context, call apigw.InvokeRequest, functionARN string) (arn string, allowed bool, err error) {
	parts := rolePattern.FindStringSubmatch(call.RoleARN)
	switch {
	case parts == nil && call.CallerKey != "":
		return e.callerMay(ctx, call.CallerKey, functionARN)
	case parts == nil:
		return "", false, fmt.Errorf("%q is not the ARN of a role", call.RoleARN)
	}
	role, err := e.iam.Role(ctx, parts[1], parts[2])
	if err != nil {
		return "", false, err
	}
	if role == nil || role.ARN != call.RoleARN {
		e.config.Logger.Debug("the role is not in IAM: the call is let through", "role", call.RoleARN, "function", functionARN)
		return call.RoleARN, true, nil
	}
	assume := &policy.Request{Principal: policy.Principal{Service: call.Principal}, Action: "sts:AssumeRole", Condition: func(key string) []string {
		switch key {
		case "aws:sourcearn":
			return []string{call.SourceARN}
		case "aws:sourceaccount":
			return []string{call.SourceAccount}
		}
		return nil
	}}
	if role.Trusts(assume) != policy.Allow {
		return "", false, fmt.Errorf("API Gateway does not have permission to assume the provided role %s", role.ARN)
	}
	allowed, err = may(role.Decide, policy.Principal{AccountID: role.AccountID, ARN: role.ARN}, functionARN)
	return role.ARN, allowed, err
}

// callerMay decides by the policies of who signed the call of the API.
func (e *Emulator) callerMay(ctx context.Context, key, functionARN string) (string, bool, error) {
	who, err := authenticator{e}.holder(ctx, key)
	if err != nil {
		return "", false, err
	}
	i := who.identity
	allowed, err := may(who.Decide, policy.Principal{AccountID: i.AccountID, ARN: i.UserARN, ID: i.User}, functionARN)
	return i.UserARN, allowed, err
}

func may(decide func(*policy.Request) policy.Decision, who policy.Principal, functionARN string) (bool, error) {
	d := decide(&policy.Request{Principal: who, Action: invokeFunction, Resource: functionARN})
	if d == policy.Deny {
		return false, fmt.Errorf("%s is not authorized to perform: %s on resource: %s with an explicit deny", who.ARN, invokeFunction, functionARN)
	}
	return d == policy.Allow, nil
}

// principals are the ARNs that a policy may name the holder of an access key by: the user's, or the session's and its
// role's. A key that is not known here has none.
func (e *Emulator) principals(ctx context.Context, key string) []string {
	who, err := authenticator{e}.holder(ctx, key)
	if err != nil {
		return nil
	}
	arns := []string{who.identity.UserARN}
	if session, ok := e.sts.Session(ctx, key); ok {
		if role, err := e.iam.Role(ctx, session.AccountID, session.Role); err == nil && role != nil {
			arns = append(arns, role.ARN)
		}
	}
	return arns
}

// userOf is the user of an access key: see sts.Options.
func (e *Emulator) userOf(ctx context.Context, key string) (arn, id string) {
	if user, err := e.iam.Key(ctx, key); err == nil && user != nil {
		return user.ARN, user.ID
	}
	return "", ""
}
