package apigateway

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
)

// within refuses what has been added to an API above a quota. Whoever calls it has written it already:
// the transaction keeps nothing of what is refused.
func within[T any](tx *store.Tx, q quota.Quotas, name string, k store.Kind[T], api string) error {
	has, err := k.Count(tx, store.Query{Prefix: api + "/"})
	if err == nil && name == quota.Resources {
		has-- // the root, which every API has
	}
	if err == nil && q.Exceeded(name, has) {
		err = exceeded(name)
	}
	return err
}

func exceeded(name string) error {
	return &types.LimitExceededException{Message: aws.String(quota.Reached(name))}
}
