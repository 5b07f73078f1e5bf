package auth

import (
	"encoding/json"
	"errors"
	"fmt"

	"postern/apigw"
	"postern/apigw/integration"
	"postern/apigw/policy"
)

// ReadHTTP1 reads a result of format 1.0 of an HTTP API: a policy, and a context of text.
func ReadHTTP1(out apigw.Invocation) (*Result, error) { return (&httpResult{}).read(out) }

// ReadHTTP2 reads a result of format 2.0: a policy, and a context of any JSON.
func ReadHTTP2(out apigw.Invocation) (*Result, error) { return (&httpResult{typed: true}).read(out) }

// ReadSimple reads a result of format 2.0 of an authorizer with simple responses: isAuthorized, and a context
// of any JSON. A policy is as good ("the Lambda authorizer can return a boolean value instead of an IAM policy",
// API reference of CreateAuthorizer; the CDK has authorizers that may return either).
func ReadSimple(out apigw.Invocation) (*Result, error) {
	return (&httpResult{typed: true, simple: true}).read(out)
}

// An httpResult is one that is being read. Unlike results of REST APIs it may have other members.
type httpResult struct {
	result
	typed, simple bool // its context may hold any JSON; it may have isAuthorized

	raw     []byte // the context, an object
	allowed *bool
}

// read has the words that $context.authorizer.error was seen to have for a simple response without isAuthorized
// (dev.classmethod.jp, tsnote-api-gateway-lambda-authorizer-internal-server-error, 2023); other details are Postern's.
func (r *httpResult) read(out apigw.Invocation) (*Result, error) {
	if out.FunctionError != "" {
		return nil, failed(out)
	}
	if err := checkSize(out.Payload); err != nil {
		return nil, err
	}
	err := members(out.Payload, r.member)
	var made *Result
	if err == nil {
		made, err = r.finish(len(out.Payload))
	}
	if err != nil {
		//lint:ignore ST1005 these are AWS's words
		return nil, fmt.Errorf("The response from the Lambda Authorizer function doesn't match the format that API Gateway expects. %w", err)
	}
	if !r.typed && len(r.context) > 0 {
		r.raw = integration.AppendFields(nil, r.context)
	}
	made.Authorization.ContextJSON, made.Authorization.UsageIdentifierKey = r.raw, ""
	return made, nil
}

func (r *httpResult) member(name string, value json.RawMessage) error {
	switch {
	case name == "isAuthorized" && r.simple:
		if r.allowed = new(bool); json.Unmarshal(value, r.allowed) != nil || string(value) == "null" {
			return errors.New("isAuthorized is no boolean")
		}
	case name == "context" && r.typed:
		return r.typedContext(value)
	case name == "principalId" || name == "policyDocument" || name == "context":
		return r.result.member(name, value)
	}
	return nil
}

func (r *httpResult) typedContext(value json.RawMessage) error {
	if r.raw, r.context = nil, nil; string(value) == "null" {
		return nil
	}
	r.raw = value
	return members(value, func(name string, value json.RawMessage) error {
		r.put(name, anyText(value))
		return nil
	})
}

// anyText is a value as $context.authorizer shows it: a scalar as text, all else as JSON.
func anyText(value json.RawMessage) string {
	if text, null, err := scalar(value); err == nil && !null {
		return text
	}
	return string(value)
}

// finish makes the Result: isAuthorized counts where it is.
func (r *httpResult) finish(size int) (*Result, error) {
	if r.allowed == nil {
		if r.simple && r.policy == nil {
			//lint:ignore ST1005 these are AWS's words
			return nil, errors.New("Simple response did not include 'isAuthorized'")
		}
		return r.result.finish(size)
	}
	a := &apigw.Authorization{Context: r.context}
	if r.principal != nil {
		a.PrincipalID = *r.principal
	}
	if *r.allowed {
		return &Result{Authorization: a, Simple: policy.Allow, size: size}, nil
	}
	return &Result{Authorization: a, Simple: policy.Deny, size: size}, nil
}
