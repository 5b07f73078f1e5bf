package apigatewayv2

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// checkAuthorizer refuses an authorizer that could never be asked.
func checkAuthorizer(tx *store.Tx, a types.Api, az types.Authorizer) error {
	return uniqueAuthorizer(tx, a, az)
}

func uniqueAuthorizer(tx *store.Tx, a types.Api, az types.Authorizer) error {
	if aws.ToString(az.Name) == "" {
		return badRequest("Authorizer name must not be empty.")
	}
	all, err := authorizers.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, other := range all {
		if *other.Name == *az.Name && *other.AuthorizerId != *az.AuthorizerId {
			return conflict("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", *az.Name)
		}
	}
	return nil
}
