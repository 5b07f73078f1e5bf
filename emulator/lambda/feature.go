package lambda

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// features are settings that Postern has no machinery for. Those that a client
// sends empty, as Terraform does for blocks that were removed, are as if not sent.
type features struct {
	capacityProvider *types.CapacityProviderConfig
	durableKey       *types.DurableConfig
	fileSystems      []types.FileSystemConfig
	publishTo        types.FunctionVersionLatestPublished
	tenancy          *types.TenancyConfig
}

func featuresOfCreate(in *sdk.CreateFunctionInput) features {
	return features{
		capacityProvider: in.CapacityProviderConfig,
		durableKey:       in.DurableConfig, fileSystems: in.FileSystemConfigs,
		publishTo: in.PublishTo, tenancy: in.TenancyConfig,
	}
}

func featuresOfUpdate(in *sdk.UpdateFunctionConfigurationInput) features {
	return features{
		capacityProvider: in.CapacityProviderConfig, durableKey: in.DurableConfig,
		fileSystems: in.FileSystemConfigs,
	}
}

// check refuses the first feature that is asked for.
func (f features) check() error {
	for _, asked := range []struct {
		name string
		yes  bool
	}{
		{"FileSystemConfigs", len(f.fileSystems) > 0},
		{"CapacityProviderConfig", f.capacityProvider != nil},
		{"KMSKeyArn of DurableConfig", f.durableKey != nil && aws.ToString(f.durableKey.KMSKeyArn) != ""},
		{"TenancyConfig", f.tenancy != nil},
		{"PublishTo", f.publishTo != ""},
	} {
		if asked.yes {
			return notEmulated(asked.name)
		}
	}
	return nil
}

// spell writes a list as Java does: "[a, b]".
func spell[T any](list []T) string { return strings.ReplaceAll(fmt.Sprint(list), " ", ", ") }
