package apigateway

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// An AuthorizerAnswer is what a test of an authorizer ends with.
type AuthorizerAnswer struct {
	Status      int // that the client would have got; 0 where it would have been let through to the policy
	PrincipalID string
	Policy      string // "" for none
	Context     map[string]string
	Claims      map[string]string
	Log         string
	Latency     time.Duration
}

// TestInvokeAuthorizer asks an authorizer as it is now, deployed or not, and remembers nothing.
func (s *Service) TestInvokeAuthorizer(ctx context.Context, in *sdk.TestInvokeAuthorizerInput) (*sdk.TestInvokeAuthorizerOutput, error) {
	if err := CheckVariables(in.StageVariables); err != nil {
		return nil, err
	}
	if len(in.AdditionalContext) > 0 {
		return nil, badRequest("additionalContext is not emulated: what an authorizer is told of the request's context is made up by Postern")
	}
	var snapshot Snapshot
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAuthorizer(tx, in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		api, err := getAPI(tx, in.RestApiId)
		sc := tx.Scope()
		snapshot = Snapshot{
			AccountID: sc.Account, Region: sc.Region, API: api.Value.API, Authorizers: []types.Authorizer{d.Value},
			Stage: types.Stage{StageName: aws.String(TestStage), Variables: in.StageVariables},
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	answer, err := s.tester.TestAuthorizer(ctx, snapshot, authorizerCall(in))
	if err != nil {
		return nil, err
	}
	return testedAuthorizer(answer), nil
}

// authorizerCall is the request that the authorizer is to judge.
func authorizerCall(in *sdk.TestInvokeAuthorizerInput) MethodCall {
	call := MethodCall{Verb: http.MethodGet, Body: aws.ToString(in.Body), Header: http.Header{}, Names: map[string]string{}}
	call.Path, call.Query, _ = strings.Cut(aws.ToString(in.PathWithQueryString), "?")
	call.Path = cmp.Or(call.Path, "/")
	for name, value := range in.Headers {
		canonical := http.CanonicalHeaderKey(name)
		call.Header[canonical], call.Names[canonical] = []string{value}, name
	}
	for name, values := range in.MultiValueHeaders {
		canonical := http.CanonicalHeaderKey(name)
		call.Header[canonical], call.Names[canonical] = values, name
	}
	return call
}

func testedAuthorizer(a AuthorizerAnswer) *sdk.TestInvokeAuthorizerOutput {
	out := &sdk.TestInvokeAuthorizerOutput{ClientStatus: int32(a.Status), Log: &a.Log, Latency: a.Latency.Milliseconds(), Claims: a.Claims}
	if a.Status != 0 {
		return out
	}
	if a.Policy != "" {
		out.PrincipalId, out.Policy = &a.PrincipalID, &a.Policy
	}
	for name, value := range a.Context {
		if out.Authorization == nil {
			out.Authorization = map[string][]string{}
		}
		out.Authorization[name] = []string{value}
	}
	return out
}
