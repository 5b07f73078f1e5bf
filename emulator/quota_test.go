package emulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"postern/emulator"
)

// An API has room for what AWS's quotas grant and for nothing more; --quota raises or lifts them.
// (Text and status of the error: terraform-provider-aws issue 37605.)
func TestAnAPIHasRoomForItsQuotas(t *testing.T) {
	for _, test := range []struct {
		name          string
		quotas        map[string]int
		resources     int // that fit
		authorizers   int
		stagesBesides bool // an eleventh stage fits
	}{
		{"as AWS's", nil, 300, 10, false},
		{"raised and lifted", map[string]int{"resources": 301, "stages": 0, "authorizers": 2}, 301, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, emulator.Config{Lambda: processes(t), Quotas: test.quotas})
			c := sdk.NewFromConfig(s.aws())
			api, err := c.ImportRestApi(t.Context(), &sdk.ImportRestApiInput{Body: pathsDocument(test.resources)})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateResource(t.Context(), &sdk.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("one-more")})
			wantExceeded(t, err, "Resources")
			_, err = c.PutRestApi(t.Context(), &sdk.PutRestApiInput{RestApiId: api.Id, Body: pathsDocument(test.resources + 1), Mode: types.PutModeMerge})
			wantExceeded(t, err, "Resources")

			for i := range test.authorizers + 1 {
				_, err = c.CreateAuthorizer(t.Context(), &sdk.CreateAuthorizerInput{
					RestApiId: api.Id, Name: aws.String(fmt.Sprint("a", i)), Type: types.AuthorizerTypeCognitoUserPools,
					ProviderARNs:   []string{"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc"},
					IdentitySource: aws.String("method.request.header.Authorization"),
				})
				if i < test.authorizers && err != nil {
					t.Fatal(err)
				}
			}
			wantExceeded(t, err, "Authorizers")

			for i := range 10 {
				if _, err := c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String(fmt.Sprint("s", i))}); err != nil {
					t.Fatal(err)
				}
			}
			d, err := c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api.Id})
			if err != nil {
				t.Fatal(err)
			}
			_, byStage := c.CreateStage(t.Context(), &sdk.CreateStageInput{RestApiId: api.Id, StageName: aws.String("byStage"), DeploymentId: d.Id})
			_, byDeployment := c.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("byDeployment")})
			for _, err := range []error{byStage, byDeployment} {
				if test.stagesBesides {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				wantExceeded(t, err, "Stages")
			}
		})
	}
}

// pathsDocument is an API with n paths below its root.
func pathsDocument(n int) []byte {
	var paths []string
	for i := range n {
		paths = append(paths, fmt.Sprintf(`"/p%d": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}`, i))
	}
	return []byte(`{"openapi": "3.0.1", "info": {"title": "paths", "version": "1"}, "paths": {` + strings.Join(paths, ",") + `}}`)
}

func wantExceeded(t *testing.T, err error, things string) {
	t.Helper()
	var failure smithy.APIError
	want := "Maximum number of " + things + " for this API has been reached.  Please contact AWS if you need additional " + things + "."
	if !errors.As(err, &failure) || failure.ErrorCode() != "LimitExceededException" || failure.ErrorMessage() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestQuotasHaveKnownNames(t *testing.T) {
	for name, want := range map[string]string{"resource": `quota "resource" is none of api-keys, authorizers, client-certificates, domains, edge-apis, http-vpc-links, integrations, private-apis, private-domains, regional-apis, resources, routes, stages, usage-plans, vpc-links`, "stages": "quota stages cannot be negative"} {
		_, err := emulator.Open(t.Context(), emulator.Config{Lambda: processes(t), Quotas: map[string]int{name: -1}})
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
