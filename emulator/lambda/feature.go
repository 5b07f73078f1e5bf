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
	kmsKey           *string
	publishTo        types.FunctionVersionLatestPublished
	snapStart        *types.SnapStart
	tenancy          *types.TenancyConfig
	vpc              *types.VpcConfig
}

func featuresOfCreate(in *sdk.CreateFunctionInput) features {
	return features{
		capacityProvider: in.CapacityProviderConfig,
		durableKey:       in.DurableConfig, fileSystems: in.FileSystemConfigs, kmsKey: in.KMSKeyArn,
		publishTo: in.PublishTo, snapStart: in.SnapStart,
		tenancy: in.TenancyConfig, vpc: in.VpcConfig,
	}
}

func featuresOfUpdate(in *sdk.UpdateFunctionConfigurationInput) features {
	return features{
		capacityProvider: in.CapacityProviderConfig, durableKey: in.DurableConfig,
		fileSystems: in.FileSystemConfigs, kmsKey: in.KMSKeyArn,
		snapStart: in.SnapStart, vpc: in.VpcConfig,
	}
}

// check refuses the first feature that is asked for.
func (f features) check() error {
	for _, asked := range []struct {
		name string
		yes  bool
	}{
		{"VpcConfig", f.vpc != nil && len(f.vpc.SubnetIds)+len(f.vpc.SecurityGroupIds) > 0},
		{"FileSystemConfigs", len(f.fileSystems) > 0},
		{"KMSKeyArn", aws.ToString(f.kmsKey) != ""},
		{"SnapStart", f.snapStart != nil && f.snapStart.ApplyOn != "" && f.snapStart.ApplyOn != types.SnapStartApplyOnNone},
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
