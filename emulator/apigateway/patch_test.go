package apigateway

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// has tells whether a table has a rule.
func (t patchTable[T]) has(op, path string) bool {
	c := newChange(types.PatchOperation{Op: types.Op(op), Path: &path})
	return t.find(&c) != nil
}

// tables are those of the Update operations.
var tables = map[string]interface{ has(op, path string) bool }{
	"UpdateAccount": accountPatches, "UpdateApiKey": keyPatches, "UpdateAuthorizer": authorizerPatches, "UpdateBasePathMapping": mappingPatches,
	"UpdateClientCertificate": certificatePatches, "UpdateDeployment": deploymentPatches, "UpdateDocumentationPart": documentationPartPatches,
	"UpdateDocumentationVersion": documentationVersionPatches, "UpdateDomainName": domainPatches, "UpdateGatewayResponse": gatewayResponsePatches,
	"UpdateIntegration": integrationPatches, "UpdateIntegrationResponse": integrationResponsePatches, "UpdateMethod": methodPatches,
	"UpdateMethodResponse": methodResponsePatches, "UpdateModel": modelPatches, "UpdateRequestValidator": validatorPatches, "UpdateResource": resourcePatches,
	"UpdateRestApi": restAPIPatches, "UpdateStage": stagePatches, "UpdateUsagePlan": planPatches, "UpdateVpcLink": vpcLinkPatches,
}

// further are what we take besides AWS's page, as recordings and AWS's guides have it. Three removals in
// canarySettings are those of a method's settings, of which there are none (recorded).
var further = map[string][]string{
	"UpdateStage": {"add /variables/{name}", "remove /variables/{name}", "add /canarySettings/stageVariableOverrides/{name}",
		"remove /canarySettings/stageVariableOverrides/{name}", "copy /variables",
		"remove /canarySettings/deploymentId", "remove /canarySettings/percentTraffic", "remove /canarySettings/useStageCache"},
	"UpdateIntegration":         {"remove /contentHandling"},
	"UpdateIntegrationResponse": {"remove /contentHandling", "remove /selectionPattern"},
	"UpdateRestApi":             {"remove /policy"},
}

// Every path of AWS's page is taken with the op's that the page has, and with no others.
func TestPatchOperationsAreThoseOfAWS(t *testing.T) {
	page, err := os.ReadFile("testdata/patchoperations.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		operation, path, ops := fields[0], fields[1], fields[2:]
		table, ok := tables[operation]
		if !ok {
			t.Fatalf("%s has no table", operation)
		}
		seen[operation] = true
		for _, op := range []string{"add", "replace", "remove", "copy"} {
			want := slices.Contains(ops, op) || slices.Contains(further[operation], op+" "+path)
			if got := table.has(op, path); got != want {
				t.Errorf("%s: %s %s is taken: %v, want %v", operation, op, path, got, want)
			}
		}
	}
	for operation := range tables {
		if !seen[operation] {
			t.Errorf("the page has no %s", operation)
		}
	}
}
