package apigateway

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
)

// An account has room for what its quotas grant; what is refused leaves nothing behind.
func TestAnAccountHasRoomForItsQuotas(t *testing.T) {
	b := newBench(t)
	quotas, err := quota.New(map[string]int{quota.APIKeys: 1, quota.UsagePlans: 1, quota.ClientCertificates: 1, quota.Domains: 1, quota.VPCLinks: 1})
	if err != nil {
		t.Fatal(err)
	}
	b.quotas = quotas
	issued := "arn:aws:acm:" + region + ":" + account + ":certificate/issued"
	for things, add := range map[string]func(i int) error{
		"API Keys": func(i int) error {
			_, err := b.CreateApiKey(b.ctx, &sdk.CreateApiKeyInput{Name: aws.String(fmt.Sprint("k", i)), Enabled: true})
			return err
		},
		"Usage Plans": func(i int) error {
			_, err := b.CreateUsagePlan(b.ctx, &sdk.CreateUsagePlanInput{Name: aws.String(fmt.Sprint("p", i))})
			return err
		},
		"Client Certificates": func(int) error {
			_, err := b.GenerateClientCertificate(b.ctx, &sdk.GenerateClientCertificateInput{})
			return err
		},
		"VPC Links": func(i int) error {
			_, err := b.CreateVpcLink(b.ctx, &sdk.CreateVpcLinkInput{
				Name: aws.String(fmt.Sprint("l", i)), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/a/1"},
			})
			return err
		},
		"Domain Names": func(i int) error {
			_, err := b.CreateDomainName(b.ctx, &sdk.CreateDomainNameInput{
				DomainName: aws.String(fmt.Sprintf("d%d.example.com", i)), RegionalCertificateArn: &issued,
				EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
			})
			return err
		},
	} {
		if err := add(0); err != nil {
			t.Errorf("%s: %v", things, err)
		}
		var exceeded *types.LimitExceededException
		want := "Maximum number of " + things + " for this account has been reached.  Please contact AWS if you need additional " + things + "."
		if err := add(1); !errors.As(err, &exceeded) || *exceeded.Message != want {
			t.Errorf("%s: %v", things, err)
		}
	}

	_, err = b.ImportApiKeys(b.ctx, &sdk.ImportApiKeysInput{Body: []byte("name,key\nn,a-key-of-more-than-twenty\n"), Format: types.ApiKeysFormatCsv})
	var exceeded *types.LimitExceededException
	if !errors.As(err, &exceeded) {
		t.Errorf("an import of keys: %v", err)
	}
	keys, err := b.GetApiKeys(b.ctx, &sdk.GetApiKeysInput{})
	if err != nil || len(keys.Items) != 1 {
		t.Errorf("%d keys, %v", len(keys.Items), err)
	}
}

// APIs are counted by their endpoint types, whichever operation made them so.
func TestAnAccountHasRoomForItsAPIs(t *testing.T) {
	b := newBench(t)
	var err error
	if b.quotas, err = quota.New(map[string]int{quota.EdgeAPIs: 2, quota.RegionalAPIs: 1}); err != nil {
		t.Fatal(err)
	}
	var edge *sdk.CreateRestApiOutput
	for range 2 {
		edge = must(b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: aws.String("edge")}))(t)
	}
	regional := &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}
	must(b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: aws.String("regional"), EndpointConfiguration: regional}))(t)
	_, created := b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: aws.String("one more")})
	_, imported := b.ImportRestApi(b.ctx, &sdk.ImportRestApiInput{Body: []byte(`{"openapi": "3.0.1", "info": {"title": "one more", "version": "1"}, "paths": {}}`)})
	_, changed := b.UpdateRestApi(b.ctx, &sdk.UpdateRestApiInput{RestApiId: edge.Id, PatchOperations: []types.PatchOperation{{
		Op: types.OpReplace, Path: aws.String("/endpointConfiguration/types/EDGE"), Value: aws.String("REGIONAL")}}})
	for things, err := range map[string]error{"created: Edge-optimized": created, "imported: Edge-optimized": imported, "changed: Regional": changed} {
		_, kind, _ := strings.Cut(things, ": ")
		var exceeded *types.LimitExceededException
		if !errors.As(err, &exceeded) || !strings.HasPrefix(*exceeded.Message, "Maximum number of "+kind+" APIs for this account") {
			t.Errorf("%s: %v", things, err)
		}
	}
	if all := must(b.GetRestApis(b.ctx, &sdk.GetRestApisInput{}))(t); len(all.Items) != 3 {
		t.Errorf("%d APIs, want 3", len(all.Items))
	}
}
