package sts_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"postern/emulator/store"
	"postern/emulator/sts"
	"postern/emulator/wire"
)

// The way through the wire: the SDK's client against a real server.
func TestTheSDKAssumesARole(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	service := sts.New(sts.Options{Store: st})
	mux := wire.NewMux(wire.Options{Services: []wire.Service{service.Wire()}, Account: service.Account, Secret: service.Secret})
	server := httptest.NewServer(mux)
	defer server.Close()
	client := func(key, secret, token string) *sdk.Client {
		return sdk.New(sdk.Options{BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(key, secret, token)})
	}

	me, err := client("123456789012", "x", "").GetCallerIdentity(ctx, &sdk.GetCallerIdentityInput{})
	if err != nil || *me.Account != "123456789012" {
		t.Fatalf("%+v %v", me, err)
	}
	out, err := client("123456789012", "x", "").AssumeRole(ctx, &sdk.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::210987654321:role/r"), RoleSessionName: aws.String("me")})
	if err != nil || time.Until(*out.Credentials.Expiration) < 59*time.Minute {
		t.Fatalf("%+v %v", out, err)
	}
	c := out.Credentials
	who, err := client(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken).GetCallerIdentity(ctx, &sdk.GetCallerIdentityInput{})
	if err != nil || *who.Account != "210987654321" || *who.Arn != "arn:aws:sts::210987654321:assumed-role/r/me" {
		t.Errorf("%+v %v", who, err)
	}
}
