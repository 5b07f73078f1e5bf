package lambda

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Runtimes without SnapStart among those of its languages (Lambda developer guide, "Lambda SnapStart").
var withoutSnapStart = []types.Runtime{
	types.RuntimeJava8, types.RuntimeJava8al2, types.RuntimePython38, types.RuntimePython39, types.RuntimePython310, types.RuntimePython311, types.RuntimeDotnet6,
}

// checkSnapStart refuses what the guide says that SnapStart does not go with. The first text is Lambda's, as its
// users report it, the others are ours.
func checkSnapStart(c types.FunctionConfiguration) error {
	if c.SnapStart == nil || c.SnapStart.ApplyOn != types.SnapStartApplyOnPublishedVersions {
		return nil
	}
	language := strings.TrimRight(string(c.Runtime), "0123456789.al")
	switch {
	case c.PackageType == types.PackageTypeImage:
		return invalid("SnapStart is not supported for functions of container images.")
	case !slices.Contains([]string{"java", "python", "dotnet"}, language) || slices.Contains(withoutSnapStart, c.Runtime):
		return invalid("%s is not supported for SnapStart enabled functions.", c.Runtime)
	case c.EphemeralStorage != nil && aws.ToInt32(c.EphemeralStorage.Size) > defaultEphemeral:
		return invalid("SnapStart is not supported for functions with more than %d MB of ephemeral storage.", defaultEphemeral)
	}
	return nil
}

// snapped is the SnapStart of a published version. Its snapshot counts as taken at once, and means nothing: a
// version starts as any other does.
func snapped(s *types.SnapStartResponse) *types.SnapStartResponse {
	if s == nil || s.ApplyOn != types.SnapStartApplyOnPublishedVersions {
		return s
	}
	return &types.SnapStartResponse{ApplyOn: s.ApplyOn, OptimizationStatus: types.SnapStartOptimizationStatusOn}
}
