package iam_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/iam"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// The way through the wire: the SDK's client against a real server.
func TestTheSDKMakesARoleAndTakesItApart(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	mux := wire.NewMux(wire.Options{Services: []wire.Service{iam.New(iam.Options{Store: st}).Wire()}})
	server := httptest.NewServer(mux)
	defer server.Close()
	client := sdk.New(sdk.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("123456789012", "secret", ""),
	})

	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
	name := aws.String("hello")
	made, err := client.CreateRole(ctx, &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	if err != nil {
		t.Fatal(err)
	}
	if *made.Role.Arn != "arn:aws:iam::123456789012:role/hello" || made.Role.CreateDate.IsZero() || len(made.Role.Tags) != 1 {
		t.Errorf("%+v", made.Role)
	}
	if plain, _ := url.QueryUnescape(*made.Role.AssumeRolePolicyDocument); plain != trust {
		t.Error(plain)
	}
	if _, err := client.AttachRolePolicy(ctx, &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: name})
	var conflict *types.DeleteConflictException
	if !errors.As(err, &conflict) || conflict.ErrorMessage() != "Cannot delete entity, must detach all policies first." {
		t.Errorf("%v", err)
	}
	list, err := client.ListAttachedRolePolicies(ctx, &sdk.ListAttachedRolePoliciesInput{RoleName: name})
	if err != nil || len(list.AttachedPolicies) != 1 || *list.AttachedPolicies[0].PolicyArn != basic || list.IsTruncated {
		t.Errorf("%+v %v", list, err)
	}
	if _, err := client.DetachRolePolicy(ctx, &sdk.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteRole(ctx, &sdk.DeleteRoleInput{RoleName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = client.GetRole(ctx, &sdk.GetRoleInput{RoleName: name})
	var none *types.NoSuchEntityException
	if !errors.As(err, &none) || none.ErrorMessage() != "The role with name hello cannot be found." {
		t.Errorf("%v", err)
	}
}
