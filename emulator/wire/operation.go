package wire

import (
	"context"
	"reflect"
)

// An Operation is one AWS API operation and the Go method that performs it.
// Its input and output are the types of aws-sdk-go-v2.
type Operation struct {
	Name     string // as in the SDK: "CreateRestApi"
	newInput func() any
	call     func(ctx context.Context, in any) (any, error)
	stream   func(ctx context.Context, in any) (any, Events, error) // instead of call
}

// Op makes an Operation of a service method that mirrors the SDK client's.
// An error it returns is either one of the SDK's own exception types, an *Error,
// or an internal fault, which the client sees as a 500.
func Op[I, O any](name string, fn func(context.Context, *I) (*O, error)) Operation {
	return Operation{
		Name:     name,
		newInput: func() any { return new(I) },
		call:     func(ctx context.Context, in any) (any, error) { return fn(ctx, in.(*I)) },
	}
}

// A Service is what Postern serves of one AWS service.
type Service struct {
	Name        string            // the SDK's package name: "apigateway", "apigatewayv2", "lambda", "iam", …
	Operations  []Operation       // what is served
	Unsupported map[string]string // operation name → why it is not served
	Differences map[string]string // operation name → how what is served differs from AWS; for docs
}

// Answer is an output that repeats the members of a type, for operations whose output is what they
// made or found. An operation that failed has none.
func Answer[O any](from any, err error) (*O, error) {
	if err != nil {
		return nil, err
	}
	out := new(O)
	to, v := reflect.ValueOf(out).Elem(), reflect.ValueOf(from)
	for i := range to.NumField() {
		f := to.Type().Field(i)
		if f.IsExported() && f.Name != "ResultMetadata" {
			to.Field(i).Set(v.FieldByName(f.Name))
		}
	}
	return out, nil
}
