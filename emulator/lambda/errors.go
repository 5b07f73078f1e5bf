package lambda

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/wire"
)

// byUser is the Type member of Lambda's errors that are the caller's own.
var byUser = aws.String("User")

func notFound(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf(format, args...)), Type: byUser}
}

// isMissing tells the errors of notFound from others.
func isMissing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

func functionNotFound(arn string) error { return notFound("Function not found: %s", arn) }

func aliasNotFound(r ref) error { return notFound("Cannot find alias arn: %s", r.arn()) }

// resourceGone is said of policies, URLs and event source mappings that are not there, and of all that is no function.
func resourceGone() error { return notFound("The resource you requested does not exist.") }

func invalid(format string, args ...any) error {
	return &types.InvalidParameterValueException{Message: aws.String(fmt.Sprintf(format, args...)), Type: byUser}
}

func conflict(format string, args ...any) error {
	return &types.ResourceConflictException{Message: aws.String(fmt.Sprintf(format, args...)), Type: byUser}
}

// notEmulated refuses what could be stored but not honoured.
//
// Unlike AWS, which has all of these.
func notEmulated(feature string) error {
	return invalid("%s is not emulated by Postern yet. Leave it out to go on without it.", feature)
}

// checkRevision compares the RevisionId that a client may send along with the
// one there is.
func checkRevision(sent, current *string) error {
	return checkRevisionOf("GetFunction/GetAlias", sent, current)
}

// checkRevisionOf is checkRevision for what another operation reads.
func checkRevisionOf(operation string, sent, current *string) error {
	if sent == nil || aws.ToString(sent) == aws.ToString(current) {
		return nil
	}
	return &types.PreconditionFailedException{
		Message: aws.String("The Revision Id provided does not match the latest Revision Id. " +
			"Call the " + operation + " API to retrieve the latest Revision Id"),
		Type: byUser,
	}
}

func tooLarge(format string, args ...any) error {
	// AWS calls it so on the wire; RequestTooLargeException is the model's name only.
	return &wire.Error{
		Status:  http.StatusRequestEntityTooLarge,
		Code:    "RequestEntityTooLargeException",
		Message: fmt.Sprintf(format, args...),
		Fields:  map[string]any{"Type": "User"},
	}
}

// violations collects what a request's members break of the model's constraints.
// AWS reports all of them in one ValidationException.
type violations struct{ wire.Constraints }

// addSecret is Add for a member whose value AWS does not repeat.
func (v *violations) addSecret(member, constraint string) {
	v.Constraints = append(v.Constraints, fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", member, constraint))
}

func (v violations) err() error {
	if len(v.Constraints) == 0 {
		return nil
	}
	return wire.Errorf(http.StatusBadRequest, "ValidationException", "%s", v.Message())
}
