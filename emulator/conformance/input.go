package conformance

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// RefuseWhatIsNotThere calls operations of the SDK's client with names of nothing. Each has to refuse that as
// the client's mistake: it neither succeeds nor falls over.
func RefuseWhatIsNotThere(t *testing.T, client any, operations []string) {
	for _, name := range operations {
		t.Run(name, func(t *testing.T) {
			err := Call(t, client, name, func(in reflect.Value) { Fill(in, "none") })
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("no error of the API: %v", err)
			}
			status := Status(err)
			switch api.ErrorCode() {
			case "NotFoundException", "BadRequestException", "ConflictException", "ValidationException":
			default:
				t.Errorf("%d %v", status, api)
			}
			if status < 400 || status >= 500 || api.ErrorMessage() == "" {
				t.Errorf("%d %v", status, api)
			}
		})
	}
}

// Call calls an operation of the SDK's client with an input that set makes.
func Call(t *testing.T, client any, operation string, set func(in reflect.Value)) error {
	t.Helper()
	method := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(method.Type().In(1).Elem())
	set(in.Elem())
	out := method.Call([]reflect.Value{reflect.ValueOf(context.WithoutCancel(t.Context())), in})
	err, _ := out[1].Interface().(error)
	return err
}

// Fill gives every member of an input something of its type: text is word, enums have their first value.
func Fill(v reflect.Value, word string) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			fill(v.Field(i), word)
		}
	}
}

func fill(f reflect.Value, word string) {
	switch f.Kind() {
	case reflect.String:
		if values := f.MethodByName("Values"); values.IsValid() {
			f.Set(values.Call(nil)[0].Index(0))
		} else {
			f.SetString(word)
		}
	case reflect.Pointer:
		f.Set(reflect.New(f.Type().Elem()))
		fill(f.Elem(), word)
	case reflect.Struct:
		Fill(f, word)
	case reflect.Slice:
		if f.Type().Elem().Kind() == reflect.Uint8 {
			f.SetBytes([]byte(word))
			return
		}
		f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		fill(f.Index(0), word)
	case reflect.Map:
		f.Set(reflect.MakeMap(f.Type()))
		value := reflect.New(f.Type().Elem()).Elem()
		fill(value, word)
		f.SetMapIndex(reflect.ValueOf(word).Convert(f.Type().Key()), value)
	}
}

// Status is the status of an answer, 0 where a request was never sent.
func Status(err error) int {
	var res *smithyhttp.ResponseError
	if errors.As(err, &res) {
		return res.HTTPStatusCode()
	}
	if err != nil {
		return 0
	}
	return http.StatusOK
}
