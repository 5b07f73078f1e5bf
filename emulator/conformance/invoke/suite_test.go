package invoke

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"postern/emulator"
)

// A suite is one Postern for all scripts, each of which has APIs of its own.
type suite struct {
	addr    string
	backend *httptest.Server
	secure  *httptest.Server
	clients clients
	objects *s3.Client
}

// clients are the operations that scripts call; those that two services have are nobody's.
type clients struct {
	*gatewayClient
	*lambdaClient
	*iamClient
	*logsClient
	*acmClient
	routingRules
}

type (
	gatewayClient = apigateway.Client
	lambdaClient  = lambda.Client
	iamClient     = iam.Client
	logsClient    = cloudwatchlogs.Client
	acmClient     = acm.Client

	// routingRules are of API Gateway's second version, whose other operations have the names of the first.
	routingRules interface {
		CreateRoutingRule(context.Context, *apigatewayv2.CreateRoutingRuleInput, ...func(*apigatewayv2.Options)) (*apigatewayv2.CreateRoutingRuleOutput, error)
	}
)

func newSuite(t *testing.T) *suite {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{addr: ln.Addr().String(), backend: httptest.NewServer(http.HandlerFunc(backend)), secure: newSecure()}
	peers := map[string]string{}
	for _, service := range []string{"dynamodb", "events", "kinesis", "sfn", "sns", "ssm"} {
		peers[service] = s.backend.URL
	}
	e, err := emulator.Open(t.Context(), emulator.Config{
		Port: ln.Addr().(*net.TCPAddr).Port, RelaxedPermissions: true, Logger: slog.New(slog.DiscardHandler),
		Lambda: emulator.LambdaConfig{Mode: emulator.LambdaProcess}, ServiceEndpoints: peers,
		VPCLinks: map[string]string{"conformance": s.backend.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- e.Serve(ln) }()
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		s.backend.Close()
		s.secure.Close()
	})
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://" + s.addr), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("111122223333", "test", "")}
	s.clients = clients{apigateway.NewFromConfig(config), lambda.NewFromConfig(config), iam.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config),
		acm.NewFromConfig(config), apigatewayv2.NewFromConfig(config)}
	s.objects = s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	return s
}
