package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"postern/apigw"
	"postern/apigw/policy"
)

// A Result is what an authorizer's function said: who calls, and what they may.
type Result struct {
	Authorization *apigw.Authorization
	Document      []byte // the policy, as the function wrote it
	Policy        *policy.Document
	Simple        policy.Decision // of a function that says no more than whether the caller may; then there is no Policy
	size          int
}

// Decide is what the function said of a request.
func (r *Result) Decide(x *apigw.Exchange) policy.Decision {
	if r.Policy == nil {
		return r.Simple
	}
	return r.Policy.Evaluate(RequestOf(x, Invoke))
}

// maxResult is API Gateway's quota for the result of a Lambda authorizer.
const maxResult = 8192

func checkSize(payload []byte) error {
	if len(payload) > maxResult {
		return fmt.Errorf("the authorizer's result of %d bytes is larger than the quota of %d", len(payload), maxResult)
	}
	return nil
}

// parseResult is ReadPolicy for a function that did not fail.
func parseResult(payload []byte) (*Result, error) {
	if err := checkSize(payload); err != nil {
		return nil, err
	}
	out := result{}
	if err := members(payload, out.member); err != nil {
		//lint:ignore ST1005 these are AWS's words
		return nil, fmt.Errorf("Invalid JSON in response: %w", err)
	}
	return out.finish(len(payload))
}

// A result is one that is being read.
type result struct {
	principal *string
	policy    json.RawMessage
	context   []apigw.Field
	key       string
}

// finish makes the Result of a policy.
func (r *result) finish(size int) (*Result, error) {
	switch {
	case r.principal == nil:
		return nil, errors.New("the authorizer's result has no principalId")
	case len(r.policy) == 0 || r.policy[0] != '{':
		return nil, errors.New("the authorizer's result has no policyDocument that is an object")
	}
	document, err := policy.ParseIdentity(r.policy)
	if err != nil {
		//lint:ignore ST1005 these are AWS's words
		return nil, fmt.Errorf("Invalid policy document: %w", err)
	}
	return &Result{
		Authorization: &apigw.Authorization{PrincipalID: *r.principal, Context: r.context, UsageIdentifierKey: r.key},
		Document:      r.policy, Policy: document, size: size,
	}, nil
}

func (r *result) member(name string, value json.RawMessage) error {
	switch name {
	case "principalId":
		s, null, err := scalar(value)
		if !null {
			r.principal = &s
		}
		return err
	case "usageIdentifierKey":
		s, _, err := scalar(value)
		r.key = s
		return err
	case "policyDocument":
		r.policy = value
		return nil
	case "context":
		if string(value) == "null" {
			return nil
		}
		return members(value, r.contextMember)
	}
	//lint:ignore ST1005 these are AWS's words
	return fmt.Errorf("Unrecognized field %q , not marked as ignorable", name)
}

func (r *result) contextMember(name string, value json.RawMessage) error {
	s, null, err := scalar(value)
	if err == nil && null {
		err = fmt.Errorf("the value of %q in the context is null", name)
	}
	r.put(name, s)
	return err
}

// put sets a value of the context: of two of one name the last one counts.
func (r *result) put(name, value string) {
	for i := range r.context {
		if r.context[i].Name == name {
			r.context[i].Value = value
			return
		}
	}
	r.context = append(r.context, apigw.Field{Name: name, Value: value})
}

// scalar is a string, number or boolean as text: numbers as they were written.
func scalar(value json.RawMessage) (text string, null bool, err error) {
	switch value[0] {
	case '"':
		return text, false, json.Unmarshal(value, &text)
	case '{':
		//lint:ignore ST1005 these are AWS's words
		return "", false, errors.New("Can not deserialize instance of java.lang.String out of START_OBJECT token")
	case '[':
		//lint:ignore ST1005 these are AWS's words
		return "", false, errors.New("Can not deserialize instance of java.lang.String out of START_ARRAY token")
	case 'n':
		return "", true, nil
	}
	return string(value), false, nil
}

// members calls do for each member of an object, in the order in which they stand there.
func members(object []byte, do func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("it is not an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := do(name.(string), value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the object")
	}
	return nil
}
