package apigateway

import (
	"maps"
	"postern/emulator/lazyregexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"

	"postern/emulator/store"
)

var (
	stageName     = lazyregexp.New(`^[a-zA-Z0-9_-]{1,128}$`)
	variableName  = lazyregexp.New(`^[A-Za-z0-9_]{1,64}$`)
	variableValue = lazyregexp.New(`^[A-Za-z0-9._~:/?#&=, -]{1,512}$`)
)

const maxVariables = 100

// checkStage refuses what CreateStage does.
func checkStage(in *sdk.CreateStageInput) error {
	if err := checkStageName(*in.StageName); err != nil {
		return err
	}
	if err := CheckVariables(in.Variables); err != nil {
		return err
	}
	if err := CheckTags(in.Tags); err != nil {
		return err
	}
	if c := in.CanarySettings; c != nil {
		if err := checkCanary(c.PercentTraffic, c.StageVariableOverrides); err != nil {
			return err
		}
	}
	return nil
}

// hasDocumentation requires that a stage's documentation version exists, if it has one.
func hasDocumentation(tx *store.Tx, api string, version *string) error {
	if aws.ToString(version) == "" {
		return nil
	}
	_, err := getDocumentationVersion(tx, &api, version)
	return err
}

// AWS's text leaves out the hyphen, which it accepts nowadays.
func checkStageName(name string) error {
	if !stageName.MatchString(name) {
		return badRequest("Stage name only allows a-zA-Z0-9_")
	}
	return nil
}

// CheckVariables refuses what stage variables cannot be. The blanks and quotes of the texts are AWS's
// (cdk-preflight's rules, which were measured; serverless issue 6133). The documentation allows ~ and # in values too.
func CheckVariables(variables map[string]string) error {
	if len(variables) > maxVariables {
		return badRequest("A stage has at most %d variables", maxVariables)
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !variableName.MatchString(name) {
			return badRequest("Invalid stage variable name: %s.  Please use names with only word characters.", name)
		}
		if !variableValue.MatchString(variables[name]) {
			return badRequest("Invalid stage variable value of key %s.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", name)
		}
	}
	return nil
}
