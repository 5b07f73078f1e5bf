package lambda

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// PutFunctionCodeSigningConfig gives a function a code signing configuration, in place of the one it has.
func (s *Service) PutFunctionCodeSigningConfig(ctx context.Context, in *sdk.PutFunctionCodeSigningConfigInput) (*sdk.PutFunctionCodeSigningConfigOutput, error) {
	r, err := writeRef(ctx, "lambda:PutFunctionCodeSigningConfig", in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := checkSigningConfigARN(in.CodeSigningConfigArn); err != nil {
		return nil, err
	}
	err = s.sign(ctx, r, *in.CodeSigningConfigArn)
	return &sdk.PutFunctionCodeSigningConfigOutput{CodeSigningConfigArn: in.CodeSigningConfigArn, FunctionName: &r.Name}, err
}

// DeleteFunctionCodeSigningConfig takes it from a function; there need not be any (recorded).
func (s *Service) DeleteFunctionCodeSigningConfig(ctx context.Context, in *sdk.DeleteFunctionCodeSigningConfigInput) (*sdk.DeleteFunctionCodeSigningConfigOutput, error) {
	r, err := writeRef(ctx, "lambda:DeleteFunctionCodeSigningConfig", in.FunctionName)
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteFunctionCodeSigningConfigOutput{}, s.sign(ctx, r, "")
}

// sign gives a function a configuration, "" for none. What it runs already stays.
func (s *Service) sign(ctx context.Context, r ref, arn string) error {
	return s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if arn != "" { // recorded: before the function
			if _, err := givenSigningConfig(tx, &arn); err != nil {
				return err
			}
		}
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		if arn != "" && d.Value.Config.PackageType == types.PackageTypeImage {
			return signedImage()
		}
		d.Value.CodeSigning = arn
		return functions.Put(tx, d)
	})
}

// GetFunctionCodeSigningConfig says which a function has; nothing at all where it has none, as recorded. Terraform
// asks for every function.
func (s *Service) GetFunctionCodeSigningConfig(ctx context.Context, in *sdk.GetFunctionCodeSigningConfigInput) (*sdk.GetFunctionCodeSigningConfigOutput, error) {
	r, err := readRef(ctx, "lambda:GetFunctionCodeSigningConfig", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetFunctionCodeSigningConfigOutput{}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err == nil && d.Value.CodeSigning != "" {
			out.CodeSigningConfigArn, out.FunctionName = &d.Value.CodeSigning, &r.Name
		}
		return err
	})
	return out, err
}

// signedImage refuses code signing for a container image (Developer Guide: it is for zip files; the text is ours).
func signedImage() error {
	return invalid("Code signing is not supported for functions with the package type Image.")
}

// verify decides about code that is to be deployed: to r's function, if its configuration (an ARN, "" for none) takes
// what is not signed. what is the ARN of what is deployed, a function's or a layer version's. Nothing is signed by an allowed profile
// here, because there is no AWS Signer: it is the case that the policy UntrustedArtifactOnDeployment is for.
func (s *Service) verify(tx *store.Tx, config string, what ...string) error {
	if config == "" || len(what) == 0 {
		return nil
	}
	c, err := givenSigningConfig(tx, &config)
	if err != nil {
		return err
	}
	if c.CodeSigningPolicies.UntrustedArtifactOnDeployment == types.CodeSigningPolicyEnforce {
		return &types.CodeVerificationFailedException{
			Message: aws.String("Lambda cannot deploy the function. The function or layer might be signed using a signature that the client " +
				"is not configured to accept. Check the provided signature for " + what[0] + "."),
			Type: byUser,
		}
	}
	s.Logger.Warn("code is deployed that no signing profile of the code signing configuration has signed", "code", what, "config", config)
	return nil
}
