package apigatewayv2

import (
	"context"
	"flag"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"

	"postern/emulator/conformance"
	"postern/emulator/wire"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata want")

func TestScripts(t *testing.T) {
	conformance.Suite{Update: *update, ISO: true, Open: func(t *testing.T) (context.Context, any, any) {
		b := newBench(t)
		return b.ctx, b.Service, b.client()
	}}.Run(t)
}

// client is the SDK's client of the Service on a server of its own.
func (b *bench) client() *sdk.Client {
	server := httptest.NewServer(wire.NewMux(wire.Options{Services: []wire.Service{b.Wire()}}))
	b.t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		BaseEndpoint: &server.URL, Region: region, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	})
}

func TestEveryOperationOfAPIsIsCalledByAScript(t *testing.T) {
	called := conformance.Called(t)
	for _, op := range newBench(t).apiOperations() {
		if !called[op.Name] {
			t.Errorf("%s is not", op.Name)
		}
	}
}
