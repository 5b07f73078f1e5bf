package durable

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var byUser = aws.String("User")

func invalid(format string, args ...any) error {
	return &types.InvalidParameterValueException{Message: aws.String(fmt.Sprintf(format, args...)), Type: byUser}
}

// errToken is one text for a token that is used up, of an invocation that is over, of an execution that has
// ended or is not there: the SDKs end the invocation with an error on it, and are invoked anew.
func errToken() error { return invalid("Invalid checkpoint token") }

func notFound() error {
	return &types.ResourceNotFoundException{Message: aws.String("Durable Execution does not exist"), Type: byUser}
}

// orNotFound tells a client that there is no execution where the store says so.
func orNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound()
	}
	return err
}

func callbackClosed() error {
	return &types.CallbackTimeoutException{Message: aws.String("The callback is either timed out or already completed"), Type: byUser}
}

// violations are constraints of the API model that a request breaks.
type violations struct{ wire.Constraints }

func (v violations) err() error {
	if len(v.Constraints) == 0 {
		return nil
	}
	return wire.Errorf(http.StatusBadRequest, "ValidationException", "%s", v.Message())
}

// ErrorOf is an error as the history and a function's operations show it.
func ErrorOf(kind, format string, args ...any) *types.ErrorObject {
	return &types.ErrorObject{ErrorType: &kind, ErrorMessage: aws.String(fmt.Sprintf(format, args...))}
}
