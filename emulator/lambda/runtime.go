package lambda

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// offeredRuntimes is the list in AWS's error, in its order (recorded 2025).
var offeredRuntimes = []string{
	"nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x", "java25",
	"python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9", "java17",
	"nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2",
}

// retiredRuntimes can be named but no longer be given to a function.
var retiredRuntimes = []types.Runtime{
	"nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x", "nodejs14.x",
	"java8", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1",
	"go1.x", "ruby2.5", "ruby2.7", "provided",
}

// checkRuntime accepts what AWS still offers and what the SDK knows to be newer.
func checkRuntime(r types.Runtime) error {
	switch {
	case slices.Contains(retiredRuntimes, r):
		return invalid("The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. "+
			"We recommend you use a supported runtime while creating or updating functions.", r)
	case !slices.Contains(r.Values(), r):
		return invalid("Value %s at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [%s] or be a valid ARN",
			r, strings.Join(offeredRuntimes, ", "))
	}
	return nil
}
