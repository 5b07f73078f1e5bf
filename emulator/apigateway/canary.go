package apigateway

import (
	"maps"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func checkCanary(percent float64, overrides map[string]string) error {
	if percent < 0 || percent > 100 {
		return badRequest("Percent traffic must be between 0.0 and 100.0")
	}
	return CheckVariables(overrides)
}

// canary is the canary to change. Naming any of its settings makes one, of no
// traffic for the current deployment (recorded).
func (e *stageEdit) canary() *types.CanarySettings {
	if e.CanarySettings == nil {
		e.CanarySettings = &types.CanarySettings{DeploymentId: e.DeploymentId}
	}
	return e.CanarySettings
}

func setPercent(e *stageEdit, c change) error {
	n, err := strconv.ParseFloat(c.text(), 64)
	if err != nil || math.IsNaN(n) {
		n = -1 // which is out of range, as no number is
	}
	e.canary().PercentTraffic = n
	return checkCanary(n, nil)
}

func setCanaryDeployment(e *stageEdit, c change) error {
	e.canary().DeploymentId = aws.String(c.text())
	return hasDeployment(e.tx, e.api, c.value)
}

func setOverride(e *stageEdit, c change) error {
	canary := e.canary()
	if canary.StageVariableOverrides == nil {
		canary.StageVariableOverrides = map[string]string{}
	}
	canary.StageVariableOverrides[c.args[0]] = c.text()
	return CheckVariables(canary.StageVariableOverrides)
}

func removeOverride(e *stageEdit, c change) error {
	if e.CanarySettings != nil {
		delete(e.CanarySettings.StageVariableOverrides, c.args[0])
	}
	return nil
}

const (
	canaryDeployment = "/canarySettings/deploymentId"
	canaryVariables  = "/canarySettings/stageVariableOverrides"
)

// copyDeployment promotes the canary: no traffic is left to it (recorded).
func copyDeployment(e *stageEdit, c change) error {
	if err := promotable(e, c, canaryDeployment); err != nil {
		return err
	}
	e.DeploymentId = e.CanarySettings.DeploymentId
	e.CanarySettings.PercentTraffic = 0
	return nil
}

func copyVariables(e *stageEdit, c change) error {
	if err := promotable(e, c, canaryVariables); err != nil {
		return err
	}
	if e.Variables == nil {
		e.Variables = map[string]string{}
	}
	maps.Copy(e.Variables, e.CanarySettings.StageVariableOverrides)
	return nil
}

func promotable(e *stageEdit, c change, from string) error {
	switch {
	case c.from != from:
		return noCopy(c)
	case e.CanarySettings == nil:
		return badRequest("Promotion not available. Canary does not exist.")
	}
	return nil
}

func noCopy(c change) error {
	return badRequest("Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [%s, %s]",
		c.path, c.from, canaryDeployment, canaryVariables)
}
