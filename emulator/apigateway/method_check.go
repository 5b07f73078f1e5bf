package apigateway

import (
	"cmp"
	"maps"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

var authorizationTypes = []string{"NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"}

// checkMethod refuses a method that names what the API does not have.
func checkMethod(tx *store.Tx, api string, m types.Method) error {
	return cmp.Or(
		checkAuthorization(tx, api, m),
		checkRequestParameters(m.RequestParameters),
		checkModels(tx, api, m.RequestModels),
		checkValidator(tx, api, m.RequestValidatorId),
	)
}

func checkAuthorization(tx *store.Tx, api string, m types.Method) error {
	kind := aws.ToString(m.AuthorizationType)
	switch {
	case !slices.Contains(authorizationTypes, kind):
		return badRequest("Invalid authorization type specified. Valid options are [%s]", strings.Join(authorizationTypes, ", "))
	case len(m.AuthorizationScopes) > 0 && kind != "COGNITO_USER_POOLS":
		return badRequest("Authorization Scopes are only valid for COGNITO_USER_POOLS authorization type")
	case usesAuthorizer(m):
		return checkMethodAuthorizer(tx, api, m)
	}
	return nil
}

func usesAuthorizer(m types.Method) bool {
	kind := aws.ToString(m.AuthorizationType)
	return kind == "CUSTOM" || kind == "COGNITO_USER_POOLS"
}

var (
	requestParameter  = lazyregexp.New(`^method\.request\.(path|querystring|header)\.(\S+)$`)
	responseParameter = lazyregexp.New(`^method\.response\.header\.(\S+)$`)
)

func checkRequestParameters(parameters map[string]bool) error {
	seen := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		m := requestParameter.FindStringSubmatch(p)
		if m == nil {
			return badRequest("Invalid mapping expression parameter specified: %s", p)
		}
		if seen[m[2]] {
			return badRequest("Parameter names must be unique across querystring, header and path")
		}
		seen[m[2]] = true
	}
	return nil
}

func checkResponseParameters(parameters map[string]bool) error {
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		if !responseParameter.MatchString(p) {
			return badRequest("Invalid mapping expression parameter specified: %s", p)
		}
	}
	return nil
}

// checkModels requires that the models by content type are the API's.
func checkModels(tx *store.Tx, api string, models map[string]string) error {
	if len(models) == 0 {
		return nil
	}
	d, err := getAPI(tx, &api)
	if err != nil {
		return err
	}
	for _, contentType := range slices.Sorted(maps.Keys(models)) {
		if !isContentType(contentType) {
			return invalidContentType(contentType)
		}
		_, found, err := findModel(tx, d, models[contentType])
		if err != nil {
			return err
		}
		if !found {
			return badRequest("Invalid model identifier specified: %s", models[contentType])
		}
	}
	return nil
}

func checkValidator(tx *store.Tx, api string, id *string) error {
	if aws.ToString(id) == "" {
		return nil
	}
	_, err := validators.Get(tx, api+"/"+*id)
	if missing(err, "") != err {
		return badRequest("Invalid Request Validator identifier specified")
	}
	return err
}

var contentType = lazyregexp.New(`^(\$default|[^\s/;,]+/[^\s/;,]+(\s*;.*)?)$`)

// isContentType says whether a text can be the key of a template or model.
func isContentType(s string) bool { return contentType.MatchString(s) }
