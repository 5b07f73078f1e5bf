package apigateway

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// updates are the Update operations.
var updates = append(slices.Sorted(maps.Keys(tables)), "UpdateUsage")

// A patch is applied as a whole, or refused as the client's mistake and nothing has changed; a good
// operation before a bad one changes nothing either.
func FuzzPatch(f *testing.F) {
	for name, paths := range map[string][]string{
		"UpdateRestApi":  {"/name", "/policy", "/endpointConfiguration/types/REGIONAL", "/binaryMediaTypes/a~1b", "/minimumCompressionSize"},
		"UpdateResource": {"/pathPart", "/parentId"},
		"UpdateMethod": {"/authorizationType", "/requestParameters/method.request.header.x", "/requestModels/a~1b",
			"/authorizationScopes"},
		"UpdateMethodResponse": {"/responseParameters/method.response.header.x", "/responseModels/application~1json"},
		"UpdateIntegration": {"/uri", "/type", "/cacheKeyParameters/x", "/tlsConfig/insecureSkipVerification", "/timeoutInMillis",
			"/requestTemplates/a~1b"},
		"UpdateIntegrationResponse": {"/selectionPattern", "/responseParameters/method.response.header.X-Next", "/responseTemplates/a~1b"},
		"UpdateModel":               {"/schema", "/description"},
		"UpdateRequestValidator":    {"/name", "/validateRequestBody"},
		"UpdateGatewayResponse":     {"/statusCode", "/responseTemplates/a~1b"},
		"UpdateStage": {"/variables/x", "/*/*/throttling/rateLimit", "/~1items/GET/caching/enabled", "/canarySettings/percentTraffic",
			"/deploymentId", "/canarySettings", "/accessLogSettings/format"},
		"UpdateDeployment":           {"/description"},
		"UpdateAuthorizer":           {"/authorizerUri", "/providerARNs", "/type", "/authorizerResultTtlInSeconds"},
		"UpdateDocumentationPart":    {"/properties"},
		"UpdateDocumentationVersion": {"/description"},
		"UpdateAccount":              {"/cloudwatchRoleArn", "/features"},
		"UpdateApiKey":               {"/name", "/enabled", "/stages", "/customerId"},
		"UpdateUsagePlan":            {"/apiStages", "/quota", "/quota/limit", "/throttle/rateLimit", "/apiStages/a:s/throttle/~1x/GET/rateLimit"},
		"UpdateUsage":                {"/remaining"},
		"UpdateDomainName":           {"/regionalCertificateArn", "/endpointConfiguration/types/EDGE", "/securityPolicy", "/mutualTlsAuthentication", "/routingMode"},
		"UpdateBasePathMapping":      {"/basePath", "/restapiId", "/stage"},
		"UpdateVpcLink":              {"/name", "/description"},
		"UpdateClientCertificate":    {"/description"},
	} {
		for _, path := range paths {
			for _, op := range []string{"add", "remove", "replace", "copy"} {
				f.Add(byte(slices.Index(updates, name)), op, path, "1", "/canarySettings/deploymentId")
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, op, path, value, from string) {
		b := newBench(t)
		name := updates[int(which)%len(updates)]
		method := reflect.ValueOf(b.Service).MethodByName(name)
		in := reflect.New(method.Type().In(1).Elem())
		if name == "UpdateClientCertificate" {
			b.certified(t).name(in.Elem())
		} else {
			b.everything(t).name(in.Elem())
		}
		p := types.PatchOperation{Op: types.Op(op), Path: &path, Value: &value, From: &from}
		before := b.state(t)
		for _, operations := range [][]types.PatchOperation{{p, {Op: types.OpReplace, Path: aws.String("/no/such")}}, {p}} {
			in.Elem().FieldByName("PatchOperations").Set(reflect.ValueOf(operations))
			out := method.Call([]reflect.Value{reflect.ValueOf(b.ctx), in})
			err, _ := out[1].Interface().(error)
			var api smithy.APIError
			switch {
			case err == nil && len(operations) > 1:
				t.Error("a path that there is not was taken")
			case err == nil:
				b.state(t) // and can be read
			case !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer:
				t.Errorf("%s: %v", name, err)
			default:
				if diff := cmp.Diff(before, b.state(t)); diff != "" {
					t.Errorf("%s failed with %v and changed something: %s", name, err, diff)
				}
			}
		}
	})
}
