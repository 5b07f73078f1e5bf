package apigatewayv2

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/firstclass"
	"postern/apigw/httpapi"
)

// checkSubtype checks the call of an AWS service. (Texts: cdk-preflight's rules, which were measured; of
// parameters that are not known, and of what they are set to, none is on record.)
func checkSubtype(i types.Integration) error {
	name := *i.IntegrationSubtype
	s := firstclass.Find(name)
	switch {
	case i.IntegrationType != types.IntegrationTypeAwsProxy:
		return badRequest("IntegrationSubtype is only supported for integrations of type AWS_PROXY")
	case s == nil || aws.ToString(i.PayloadFormatVersion) != "1.0":
		return badRequest("Operation: %s is not supported.", name)
	case i.CredentialsArn == nil:
		return badRequest("Role ARN must be specified for AWS integration configuration with Subtype: %s", name)
	}
	for _, parameter := range s.Required {
		if i.RequestParameters[parameter] == "" {
			return badRequest("Operation: %s requires enabling passthrough, or defining all of the following parameters: [%s]", name, strings.Join(s.Required, ", "))
		}
	}
	if err := s.Check(i.RequestParameters); err != nil {
		return badRequest("%s", sentence(err))
	}
	for _, parameter := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		if _, err := httpapi.ParseRequest(i.RequestParameters[parameter]); err != nil {
			return badRequest("Invalid value of parameter %s specified: %s", parameter, err)
		}
	}
	return checkResponseActions(i)
}

// sentence is an error as clients are told it.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
