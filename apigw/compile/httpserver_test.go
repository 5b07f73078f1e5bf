package compile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/compile"
)

// routes are what an HTTP API of a test has, by route key.
type routes map[string]types.Integration

// defineHTTP makes the definition of an HTTP API with a $default stage.
func defineHTTP(rs routes, change ...func(*compile.V2)) compile.V2 {
	def := compile.V2{
		AccountID: "111122223333", Region: "eu-west-1",
		API:   types.Api{ApiId: aws.String("api1234567"), Name: aws.String("test"), ProtocolType: types.ProtocolTypeHttp},
		Stage: types.Stage{StageName: aws.String("$default"), DeploymentId: aws.String("dep123")},
	}
	for n, key := range slices.Sorted(maps.Keys(rs)) {
		i, id := rs[key], fmt.Sprint("i", n)
		i.IntegrationId = &id
		def.Integrations = append(def.Integrations, i)
		def.Routes = append(def.Routes, types.Route{RouteKey: &key, RouteId: aws.String(fmt.Sprint("r", n)), Target: aws.String("integrations/" + id)})
	}
	for _, c := range change {
		c(&def)
	}
	return def
}

// buildHTTP compiles a definition without warnings.
func buildHTTP(t *testing.T, def compile.V2, invoke invoker) *apigw.Stage {
	t.Helper()
	var warnings bytes.Buffer
	stage, err := compile.BuildHTTP(def, compile.Deps{Invoker: invoke, Logger: slog.New(slog.NewTextHandler(&warnings, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if warnings.Len() > 0 {
		t.Fatal(warnings.String())
	}
	return stage
}

func serveHTTP(t *testing.T, def compile.V2, invoke invoker) *server {
	t.Helper()
	stage := buildHTTP(t, def, invoke)
	s := &server{t: t, url: publish(t, stage)}
	if stage.Name != "$default" {
		s.url += "/" + stage.Name
	}
	return s
}

const functionARN = "arn:aws:lambda:eu-west-1:111122223333:function:f"

// proxyOf is an integration with the function.
func proxyOf(version string) types.Integration {
	return types.Integration{
		IntegrationType: types.IntegrationTypeAwsProxy, IntegrationUri: aws.String(functionARN), PayloadFormatVersion: &version,
	}
}

// backendAt is an integration with an HTTP backend.
func backendAt(uri string) types.Integration {
	return types.Integration{IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: &uri}
}

// returns is the function that returns the same for every event.
func returns(payload string) invoker {
	return invoker{functionARN: func(apigw.InvokeRequest) (string, bool) { return payload, false }}
}

// telling is the function that returns its event as the body.
func telling() invoker {
	return invoker{functionARN: func(call apigw.InvokeRequest) (string, bool) {
		body, _ := json.Marshal(string(call.Payload))
		return `{"statusCode":200,"body":` + string(body) + `}`, false
	}}
}

const internalError = `{"message":"Internal Server Error"}`
