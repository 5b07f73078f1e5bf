package lambda

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func (b *bench) provisionFor(qualifier string, n int32) error {
	_, err := b.PutProvisionedConcurrencyConfig(asCaller, &sdk.PutProvisionedConcurrencyConfigInput{
		FunctionName: aws.String("f"), Qualifier: &qualifier, ProvisionedConcurrentExecutions: &n,
	})
	return err
}

// ready waits until a configuration is, as the SDK's users do.
func (b *bench) ready(t *testing.T, qualifier string, n int32) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		out, err := b.GetProvisionedConcurrencyConfig(asCaller, &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: aws.String("f"), Qualifier: &qualifier})
		check(t, err)
		if out.Status == types.ProvisionedConcurrencyStatusEnumReady && *out.AvailableProvisionedConcurrentExecutions == n && *out.RequestedProvisionedConcurrentExecutions == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %+v", out)
		}
	}
}

func (b *bench) alias(t *testing.T, name, version string) {
	t.Helper()
	_, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{FunctionName: aws.String("f"), Name: &name, FunctionVersion: &version})
	check(t, err)
}

func TestProvisionedSandboxesAreThereBeforeTheFirstCall(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	check(t, b.provisionFor("1", 2))
	b.ready(t, "1", 2)
	if n := b.launcher.launches.Load(); n != 2 {
		t.Errorf("%d sandboxes were started", n)
	}
	check(t, b.call("f:1"))
	if n := b.launcher.launches.Load(); n != 2 {
		t.Errorf("a call started one: %d", n)
	}
	b.stop()
	b.launcher.launches.Store(0)
	b.start(t) // and keeps them ready again
	b.ready(t, "1", 2)
	_, err := b.DeleteProvisionedConcurrencyConfig(asCaller, &sdk.DeleteProvisionedConcurrencyConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("1")})
	check(t, err)
	_, err = b.GetProvisionedConcurrencyConfig(asCaller, &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("1")})
	if got := codeAndMessage(err); got != "ProvisionedConcurrencyConfigNotFoundException: No Provisioned Concurrency Config found for this function" {
		t.Error(got)
	}
}

func TestProvisionedConcurrencyFollowsItsAlias(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	b.setCode(t, "f", "two")
	b.publish(t, "f")
	b.alias(t, "live", "1")
	check(t, b.provisionFor("live", 1))
	b.ready(t, "live", 1)
	_, err := b.UpdateAlias(asCaller, &sdk.UpdateAliasInput{FunctionName: aws.String("f"), Name: aws.String("live"), FunctionVersion: aws.String("2")})
	check(t, err)
	b.ready(t, "live", 1)
	if n := b.launcher.launches.Load(); n != 2 {
		t.Errorf("%d sandboxes were started for two versions", n)
	}
	list, err := b.ListProvisionedConcurrencyConfigs(asCaller, &sdk.ListProvisionedConcurrencyConfigsInput{FunctionName: aws.String("f")})
	check(t, err)
	if len(list.ProvisionedConcurrencyConfigs) != 1 || *list.ProvisionedConcurrencyConfigs[0].FunctionArn != prefix+"f:live" {
		t.Errorf("got %+v", list)
	}
	_, err = b.DeleteFunction(asCaller, &sdk.DeleteFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	b.stop()
	b.launcher.launches.Store(0)
	b.start(t)
	check(t, b.Service.Close()) // waits for what is restored
	if n := b.launcher.launches.Load(); n != 0 {
		t.Errorf("%d sandboxes of a function that is gone", n)
	}
}

// Texts are AWS's as recorded (facts: lambda §5, "Concurrency"), the one about reservations apart.
func TestProvisionedConcurrencyThatIsRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	b.alias(t, "live", "1")
	b.setCode(t, "f", "two")
	b.publish(t, "f")
	b.alias(t, "next", "2")
	check(t, b.provisionFor("live", 1))
	check(t, b.provisionFor("2", 1))
	b.reserveFor(t, "f", 5)
	for _, c := range []struct {
		name, qualifier string
		n               int32
		want            string
	}{
		{"$LATEST", "$LATEST", 1, "InvalidParameterValueException: Provisioned Concurrency Configs cannot be applied to unpublished function versions."},
		{"of an alias of a version that has some", "next", 1, "ResourceConflictException: Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"},
		{"of a version whose alias has some", "1", 1, "ResourceConflictException: Version is pointed by a Provisioned Concurrency alias"},
		{"no such version", "7", 1, "ResourceNotFoundException: Function not found: " + prefix + "f:7"},
		{"none", "1", 0, "ValidationException: 1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"more than is reserved", "live", 6, "InvalidParameterValueException: Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"},
	} {
		if got := codeAndMessage(b.provisionFor(c.qualifier, c.n)); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}

func TestProvisionedConcurrencyFailsWithItsInitPhase(t *testing.T) {
	b := newBench(t)
	b.launcher.handle("index.noinit", echo)
	b.create(t, "f", withHandler("index.noinit"))
	b.publish(t, "f")
	check(t, b.provisionFor("1", 1))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		out, err := b.GetProvisionedConcurrencyConfig(asCaller, &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("1")})
		check(t, err)
		if out.Status == types.ProvisionedConcurrencyStatusEnumFailed && *out.StatusReason == "FUNCTION_ERROR_INIT_FAILURE" && *out.AvailableProvisionedConcurrentExecutions == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %+v", out)
		}
	}
}
