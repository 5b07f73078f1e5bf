package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Most subnets and security groups of a function (API model).
const (
	maxSubnets        = 16
	maxSecurityGroups = 5
)

func (v *violations) checkVPC(c *types.VpcConfig) {
	if c == nil {
		return
	}
	if len(c.SubnetIds) > maxSubnets {
		v.Add("vpcConfig.subnetIds", spell(c.SubnetIds), "Member must have length less than or equal to 16")
	}
	if len(c.SecurityGroupIds) > maxSecurityGroups {
		v.Add("vpcConfig.securityGroupIds", spell(c.SecurityGroupIds), "Member must have length less than or equal to 5")
	}
}

// checkVPC takes subnets and groups for those of a VPC by the form of their ids: there is no EC2 here that
// would know them. The text about subnets is recorded, that of groups after it.
func checkVPC(c *types.VpcConfig) error {
	if c == nil {
		return nil
	}
	if (len(c.SubnetIds) == 0) != (len(c.SecurityGroupIds) == 0) {
		return invalid("SubnetIds and SecurityIds must coexist or be both empty list.")
	}
	for _, id := range c.SubnetIds {
		if !strings.HasPrefix(id, "subnet-") {
			return invalid("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID '%s' does not exist", id)
		}
	}
	for _, id := range c.SecurityGroupIds {
		if !strings.HasPrefix(id, "sg-") {
			return invalid("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. EC2 Error Message: The security group '%s' does not exist", id)
		}
	}
	return nil
}

// vpcOf is the answer to a VpcConfig; all is empty once a function has left its VPC. An account has one VPC in
// a region, since nothing here tells which subnets are of which.
func vpcOf(c types.VpcConfig, functionARN string) *types.VpcConfigResponse {
	out := &types.VpcConfigResponse{
		SubnetIds: append([]string{}, c.SubnetIds...), SecurityGroupIds: append([]string{}, c.SecurityGroupIds...),
		VpcId: aws.String(""), Ipv6AllowedForDualStack: aws.Bool(aws.ToBool(c.Ipv6AllowedForDualStack)),
	}
	if len(c.SubnetIds) > 0 {
		scope, _, _ := strings.Cut(functionARN, ":function:")
		sum := sha256.Sum256([]byte(scope))
		out.VpcId = aws.String("vpc-" + hex.EncodeToString(sum[:])[:17])
	}
	return out
}
