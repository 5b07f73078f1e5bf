package apigatewayv2

import (
	"maps"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/httpapi"
)

// Mapping expressions of WebSocket APIs: the left side names what is set, the right side where the value
// comes from (WebSocket API guide, "Data mapping").
var (
	requestTarget  = lazyregexp.New(`^integration\.request\.(path|querystring|header)\.\S+$`)
	requestSource  = lazyregexp.New(`(?s)^(route\.request\.(querystring|header|body)(\.\S+)?|context\.\S+|stageVariables\.\w+|'.*')$`)
	responseTarget = lazyregexp.New(`^(route|method)\.response\.header\.\S+$`)
	responseSource = lazyregexp.New(`(?s)^(integration\.response\.(header\.\S+|body(\.\S+)?|statuscode)|context\.\S+|stageVariables\.\w+|'.*')$`)
)

// checkRequestMapping checks the requestParameters of a WebSocket API's integration.
func checkRequestMapping(mapping map[string]string) error {
	return checkExpressions(mapping, requestTarget, requestSource)
}

// checkResponseMapping checks the responseParameters of an integration response.
func checkResponseMapping(mapping map[string]string) error {
	return checkExpressions(mapping, responseTarget, responseSource)
}

// checkExpressions: the texts are those of REST APIs.
func checkExpressions(mapping map[string]string, target, source lazyregexp.Regexp) error {
	for _, to := range slices.Sorted(maps.Keys(mapping)) {
		if !target.MatchString(to) {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: %s]", to)
		}
		if from := mapping[to]; !source.MatchString(from) {
			return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", from)
		}
	}
	return nil
}

// checkActions checks the parameter mappings of an HTTP API's integration.
func checkActions(i types.Integration) error {
	if _, err := httpapi.ParseRequestMapping(i.RequestParameters); err != nil {
		return badMapping(err)
	}
	return checkResponseActions(i)
}

func checkResponseActions(i types.Integration) error {
	_, err := httpapi.ParseResponseMapping(i.ResponseParameters)
	return badMapping(err)
}

// badMapping tells the first of what is wrong with mappings, nil where nothing is.
func badMapping(err error) error {
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(sentence(err), "\n")
	return badRequest("%s", first)
}
