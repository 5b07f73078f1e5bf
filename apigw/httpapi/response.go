package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"postern/apigw"
	"postern/apigw/integration"
)

// An answer is what a function returned, as API Gateway understands it.
type answer struct {
	status int
	header apigw.Header
	body   []byte
	base64 bool

	isResponse bool // it has a statusCode
}

// response2 makes x.Response of what a function returned in format 2.0. An object with a statusCode is a
// response; everything else, JSON or not, is the body of one that is application/json. (Recorded on AWS:
// aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2, InvokeResponseExtensions.)
func response2(x *apigw.Exchange, payload []byte) error {
	a, err := parse(payload, set2)
	switch {
	case errors.Is(err, errNoStatus):
		a = &answer{status: 200, header: apigw.Header{{Name: contentType, Value: "application/json"}}}
		if a.body = payload; len(payload) > 1 && payload[0] == '"' && json.Valid(payload) {
			a.body = []byte(integration.Unquote(payload))
		}
	case err != nil:
		return integration.MalformedResponse(err)
	}
	return a.write(x)
}

// response1 makes x.Response of what a function returned in format 1.0, which has to have a statusCode.
func response1(x *apigw.Exchange, payload []byte) error {
	a, err := parse(payload, set1)
	if err != nil {
		return integration.MalformedResponse(err)
	}
	return a.write(x)
}

const contentType = "Content-Type"

// write fills x.Response. A response without a type is plain text. (Recorded as above.)
func (a *answer) write(x *apigw.Exchange) (err error) {
	if a.base64 {
		if a.body, err = integration.DecodeBase64(string(a.body)); err != nil {
			return integration.MalformedResponse(fmt.Errorf("body: %w", err))
		}
	}
	x.Response.Status, x.Endpoint.Response.Status = a.status, a.status
	x.Response.Header, x.Response.Body = appendReply(x.Response.Header, a.header), a.body
	if !a.header.Has(contentType) {
		x.Response.Header.Add(contentType, "text/plain; charset=utf-8")
	}
	return nil
}

var errNoStatus = errors.New("no object with a statusCode")

// parse reads an object with a statusCode. What is wrong with its members counts only if it has one.
func parse(payload []byte, set setter) (*answer, error) {
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 || payload[0] != '{' || !json.Valid(payload) {
		return nil, errNoStatus
	}
	a := &answer{}
	var wrong error
	err := integration.EachMember(integration.WellFormed(payload), func(key string, value []byte) error {
		if err := set(a, key, value); err != nil && wrong == nil {
			wrong = fmt.Errorf("%s: %w", key, err)
		}
		a.isResponse = a.isResponse || key == "statusCode" && string(value) != "null"
		return nil
	})
	if err == nil && !a.isResponse {
		err = errNoStatus
	}
	if err != nil {
		return nil, err
	}
	return a, wrong
}

// A setter takes one member of what a function returned. Members that nobody knows are ignored.
type setter func(a *answer, key string, value []byte) error

// set2 is the setter of format 2.0. It has cookies and no multiValueHeaders, which are ignored
// (awslabs/aws-serverless-java-container#377); a body that is not a string is sent as JSON.
func set2(a *answer, key string, value []byte) error {
	switch key {
	case "cookies":
		return setCookies(a, value)
	case "body":
		if value[0] == '"' {
			a.body = []byte(integration.Unquote(value))
		} else if string(value) != "null" {
			a.body = value
		}
		return nil
	case "multiValueHeaders":
		return nil
	}
	return set1(a, key, value)
}

// set1 is the setter of format 1.0.
func set1(a *answer, key string, value []byte) (err error) {
	switch key {
	case "statusCode":
		a.status, err = integration.StatusCode(value)
	case "headers":
		var single apigw.Header
		single, err = integration.SingleHeaders(value)
		a.header = append(single, a.header...)
	case "multiValueHeaders":
		var multi apigw.Header
		multi, err = integration.MultiHeaders(value)
		a.header = append(a.header, multi...)
	case "body":
		var text string
		text, err = integration.BodyText(value)
		a.body = []byte(text)
	case "isBase64Encoded":
		a.base64, err = integration.Boolean(value)
	}
	return err
}

// setCookies makes a Set-Cookie of each cookie.
func setCookies(a *answer, value []byte) error {
	if string(value) == "null" {
		return nil
	}
	return integration.EachElement(value, func(cookie []byte) error {
		return integration.AddHeader(&a.header, "Set-Cookie", cookie)
	})
}
