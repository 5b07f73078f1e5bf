package wire

import (
	"fmt"

	"github.com/aws/smithy-go"
)

// An Error is an AWS error that the SDK has no Go type for: ValidationException,
// SerializationException, AccessDeniedException and their like.
type Error struct {
	Status  int    // HTTP status
	Code    string // as in x-amzn-ErrorType
	Message string // AWS's text
	// Fields are further members of the body, e.g. "Type": "User".
	Fields map[string]any
}

// Errorf makes an Error with a formatted message.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string        { return e.Code + ": " + e.Message }
func (e *Error) ErrorCode() string    { return e.Code }
func (e *Error) ErrorMessage() string { return e.Message }

// ErrorFault says whose fault the error is, by its status.
func (e *Error) ErrorFault() smithy.ErrorFault {
	if e.Status >= 500 {
		return smithy.FaultServer
	}
	return smithy.FaultClient
}
