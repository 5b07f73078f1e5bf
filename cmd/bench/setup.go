package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// clientsOf are SDK clients for a running Postern.
func clientsOf(c *child) (*apigateway.Client, *lambda.Client) {
	return apigateway.NewFromConfig(c.config()), lambda.NewFromConfig(c.config())
}

// config leads an SDK's client to a running Postern.
func (c *child) config() aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + c.addr),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// A route is one method of the API under test.
type route struct {
	path        string // one segment
	integration types.IntegrationType
	uri         string
}

// responseTemplate is the small template of G1.
const responseTemplate = `{"message":"hello $input.params('name')","id":"$context.requestId","stage":"$context.stage","verb":"$context.httpMethod"}`

// deploy makes an API of the routes, each a POST, deployed to stage "bench", and
// returns its id.
func deploy(ctx context.Context, gw *apigateway.Client, routes ...route) (string, error) {
	api, err := gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("bench")})
	if err != nil {
		return "", err
	}
	for _, r := range routes {
		if err := addRoute(ctx, gw, api, r); err != nil {
			return "", fmt.Errorf("route %s: %w", r.path, err)
		}
	}
	_, err = gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("bench")})
	return *api.Id, err
}

func addRoute(ctx context.Context, gw *apigateway.Client, api *apigateway.CreateRestApiOutput, r route) error {
	post := aws.String("POST")
	res, err := gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: &r.path})
	if err != nil {
		return err
	}
	_, err = gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: res.Id, HttpMethod: post, AuthorizationType: aws.String("NONE")})
	if err != nil {
		return err
	}
	in := &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: res.Id, HttpMethod: post, Type: r.integration}
	if r.integration != types.IntegrationTypeMock {
		in.Uri, in.IntegrationHttpMethod = &r.uri, post
	} else {
		in.RequestTemplates = map[string]string{"application/json": `{"statusCode": 200}`}
	}
	if _, err = gw.PutIntegration(ctx, in); err != nil || r.integration != types.IntegrationTypeMock {
		return err
	}
	_, err = gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: res.Id, HttpMethod: post, StatusCode: aws.String("200")})
	if err != nil {
		return err
	}
	_, err = gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
		RestApiId: api.Id, ResourceId: res.Id, HttpMethod: post, StatusCode: aws.String("200"),
		ResponseTemplates: map[string]string{"application/json": responseTemplate}})
	return err
}

// invokePath is the path form of an invoke URL.
func invokePath(apiID, path string) string {
	return "/_aws/execute-api/" + apiID + "/bench/" + path
}

// worker is the Go function that both sides of G3 run.
func (b *bench) worker() (string, error) { return b.build("worker") }

// build builds a function of cmd/bench and returns its path.
func (b *bench) build(name string) (string, error) {
	path := filepath.Join(b.dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./cmd/bench/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the %s: %w\n%s", name, err, out)
	}
	return path, nil
}

// createFunction makes a provided.al2023 function of one binary and lets API
// Gateway call it.
func createFunction(ctx context.Context, fn *lambda.Client, name, bootstrap string) (arn string, err error) {
	binary, err := os.ReadFile(bootstrap)
	if err != nil {
		return "", err
	}
	arn, err = createPackage(ctx, fn, name, lambdatypes.RuntimeProvidedal2023, "bootstrap", "bootstrap", binary)
	if err != nil {
		return "", err
	}
	_, err = fn.AddPermission(ctx, &lambda.AddPermissionInput{FunctionName: &name, StatementId: aws.String("bench"),
		Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("apigateway.amazonaws.com")})
	return arn, err
}

// createPackage makes a function of one file and waits until it is active.
func createPackage(ctx context.Context, fn *lambda.Client, name string, runtime lambdatypes.Runtime, handler, file string, content []byte) (arn string, err error) {
	var pkg bytes.Buffer
	z := zip.NewWriter(&pkg)
	h := &zip.FileHeader{Name: file, Method: zip.Deflate}
	h.SetMode(0o755)
	w, err := z.CreateHeader(h)
	if err != nil {
		return "", err
	}
	w.Write(content)
	if err := z.Close(); err != nil {
		return "", err
	}
	out, err := fn.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: runtime, Handler: &handler,
		Role: aws.String("arn:aws:iam::000000000000:role/bench"), Timeout: aws.Int32(30),
		Code: &lambdatypes.FunctionCode{ZipFile: pkg.Bytes()}})
	if err != nil {
		return "", err
	}
	err = lambda.NewFunctionActiveV2Waiter(fn, func(o *lambda.FunctionActiveV2WaiterOptions) {
		o.MinDelay, o.MaxDelay = 20*time.Millisecond, 100*time.Millisecond
	}).Wait(ctx, &lambda.GetFunctionInput{FunctionName: &name}, 30*time.Second)
	if err != nil {
		return "", err
	}
	return *out.FunctionArn, nil
}

func lambdaURI(arn string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations"
}
