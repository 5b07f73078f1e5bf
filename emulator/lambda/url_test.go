package lambda

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func (b *bench) giveURL(qualifier *string) (*sdk.CreateFunctionUrlConfigOutput, error) {
	return b.CreateFunctionUrlConfig(asCaller, &sdk.CreateFunctionUrlConfigInput{FunctionName: aws.String("f"), Qualifier: qualifier, AuthType: types.FunctionUrlAuthTypeNone})
}

func TestURLsAreOfAFunctionAndOfItsAliases(t *testing.T) {
	var changed []string
	b := newBench(t, func(o *Options) { o.URLChanged = func(id string) { changed = append(changed, id) } })
	b.create(t, "f")
	b.publish(t, "f")
	b.alias(t, "live", "1")
	own, err := b.giveURL(nil)
	check(t, err)
	live, err := b.giveURL(aws.String("live"))
	check(t, err)
	if *own.FunctionArn != prefix+"f" || *live.FunctionArn != prefix+"f:live" || *own.FunctionUrl == *live.FunctionUrl || own.InvokeMode != "" {
		t.Errorf("got %+v, %+v", own, live)
	}
	got, err := b.GetFunctionUrlConfig(asCaller, &sdk.GetFunctionUrlConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("live")})
	check(t, err)
	if *got.FunctionUrl != *live.FunctionUrl || got.InvokeMode != types.InvokeModeBuffered { // recorded: shown only here
		t.Errorf("got %+v", got)
	}
	updated, err := b.UpdateFunctionUrlConfig(asCaller, &sdk.UpdateFunctionUrlConfigInput{FunctionName: aws.String("f"), InvokeMode: types.InvokeModeResponseStream})
	check(t, err)
	if updated.InvokeMode != types.InvokeModeResponseStream || updated.AuthType != types.FunctionUrlAuthTypeNone {
		t.Errorf("got %+v", updated)
	}
	first, err := b.ListFunctionUrlConfigs(asCaller, &sdk.ListFunctionUrlConfigsInput{FunctionName: aws.String("f"), MaxItems: aws.Int32(1)})
	check(t, err)
	second, err := b.ListFunctionUrlConfigs(asCaller, &sdk.ListFunctionUrlConfigsInput{FunctionName: aws.String("f"), Marker: first.NextMarker})
	check(t, err)
	if len(first.FunctionUrlConfigs) != 1 || len(second.FunctionUrlConfigs) != 1 || *second.FunctionUrlConfigs[0].FunctionArn != prefix+"f:live" {
		t.Errorf("got %+v, %+v", first, second)
	}
	_, err = b.DeleteAlias(asCaller, &sdk.DeleteAliasInput{FunctionName: aws.String("f"), Name: aws.String("live")})
	check(t, err)
	_, err = b.DeleteFunction(asCaller, &sdk.DeleteFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	if len(changed) != 5 { // two were made, one changed, two are gone
		t.Errorf("told of %v", changed)
	}
	for _, id := range changed {
		if _, err := b.URL(context.Background(), id); !errors.Is(err, ErrNoURL) {
			t.Errorf("%s is still there: %v", id, err)
		}
	}
}

// Texts are AWS's as recorded (facts: lambda §2, §7).
func TestURLsThatAreRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	_, err := b.giveURL(nil)
	check(t, err)
	_, twice := b.giveURL(nil)
	_, ofVersion := b.giveURL(aws.String("1"))
	_, ofNone := b.CreateFunctionUrlConfig(asCaller, &sdk.CreateFunctionUrlConfigInput{FunctionName: aws.String("none"), AuthType: types.FunctionUrlAuthTypeNone})
	_, tooOld := b.UpdateFunctionUrlConfig(asCaller, &sdk.UpdateFunctionUrlConfigInput{FunctionName: aws.String("f"), Cors: &types.Cors{MaxAge: aws.Int32(86401)}})
	_, notThere := b.GetFunctionUrlConfig(asCaller, &sdk.GetFunctionUrlConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("live")})
	_, notListed := b.ListFunctionUrlConfigs(asCaller, &sdk.ListFunctionUrlConfigsInput{FunctionName: aws.String("none")})
	_, notDeleted := b.DeleteFunctionUrlConfig(asCaller, &sdk.DeleteFunctionUrlConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("live")})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"twice", twice, "ResourceConflictException: Failed to create function url config for [functionArn = " + prefix + "f]. Error message:  FunctionUrlConfig exists for this Lambda function"},
		{"of a version", ofVersion, `ValidationException: 1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)`},
		{"of no function", ofNone, "ResourceNotFoundException: Function does not exist"},
		{"max age", tooOld, "ValidationException: 1 validation error detected: Value '86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400"},
		{"not there", notThere, "ResourceNotFoundException: The resource you requested does not exist."},
		{"list of no function", notListed, "ResourceNotFoundException: Function does not exist"},
		{"delete nothing", notDeleted, "ResourceNotFoundException: The resource you requested does not exist."},
	} {
		if got := codeAndMessage(c.err); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}
