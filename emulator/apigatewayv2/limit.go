package apigatewayv2

import (
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/quota"
	"postern/emulator/store"
)

// Limits on members in characters (API reference of apigatewayv2: "string with a length between").
const (
	maxName        = 128
	maxDescription = 1024
	maxVersion     = 64
	maxTemplate    = 32768 // schemas too
)

// checkLength refuses a member that is too long. AWS's text is not known.
func checkLength(member string, value *string, most int) error {
	if utf8.RuneCountInString(aws.ToString(value)) > most {
		return badRequest("Invalid %s specified. It must have at most %d characters.", member, most)
	}
	return nil
}

// within refuses what has been added to an API above a quota. Whoever calls it has written it already:
// the transaction keeps nothing of what is refused.
func within[T any](tx *store.Tx, q quota.Quotas, name string, p part[T], api string) error {
	has, err := p.Count(tx, p.of(api))
	if err != nil {
		return err
	}
	return exceeded(q, name, has)
}

// exceeded refuses more things of a quota than an API may have.
func exceeded(q quota.Quotas, name string, has int) error {
	if q.Exceeded(name, has) {
		return &types.TooManyRequestsException{Message: aws.String(quota.Reached(name)), LimitType: aws.String(name)}
	}
	return nil
}

// exceededByAccount refuses more things of a quota than an account may have in a region.
func exceededByAccount(q quota.Quotas, name string, has int) error {
	if q.Exceeded(name, has) {
		return &types.TooManyRequestsException{Message: aws.String(quota.ReachedByAccount(name)), LimitType: aws.String(name)}
	}
	return nil
}
