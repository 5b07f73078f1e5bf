package domainname

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// The errors of the two APIs look the same to their clients, so they are those of one.

func badRequest(format string, args ...any) error {
	return &types.BadRequestException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// missing turns store.ErrNotFound into API Gateway's error.
func missing(err error, text string) error {
	if errors.Is(err, store.ErrNotFound) {
		return &types.NotFoundException{Message: &text}
	}
	return err
}
