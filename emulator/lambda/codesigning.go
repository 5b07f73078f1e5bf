package lambda

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A signingConfig says who may have signed the code of functions.
type signingConfig struct {
	Config types.CodeSigningConfig
	Tags   map[string]string `json:",omitempty"`
}

var signingConfigs = store.Kind[signingConfig]{Service: "lambda", Name: "codesigning"} // id: the ARN

var (
	signingConfigPattern  = newPattern(`arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:code-signing-config:csc-[a-z0-9]{17}`)
	signingProfilePattern = newPattern(`arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`)
)

const (
	maxSigningConfig = 200
	maxPublishers    = 20
	signingIDLength  = 17
)

// CreateCodeSigningConfig says who may have signed the code of the functions that get it.
func (s *Service) CreateCodeSigningConfig(ctx context.Context, in *sdk.CreateCodeSigningConfigInput) (*sdk.CreateCodeSigningConfigOutput, error) {
	if err := checkSigningConfig(in.AllowedPublishers, in.Description); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	var c types.CodeSigningConfig
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		sc := tx.Scope()
		id := "csc-" + tx.Token(signingIDLength, "0123456789abcdef")
		c = types.CodeSigningConfig{
			CodeSigningConfigId:  &id,
			CodeSigningConfigArn: aws.String("arn:" + wire.Partition(sc.Region) + ":lambda:" + sc.Region + ":" + sc.Account + ":code-signing-config:" + id),
			AllowedPublishers:    in.AllowedPublishers, CodeSigningPolicies: signingPolicies(in.CodeSigningPolicies),
			Description: aws.String(aws.ToString(in.Description)), LastModified: lastModified(tx.Now()),
		}
		return signingConfigs.Insert(tx, store.Document[signingConfig]{ID: *c.CodeSigningConfigArn, Value: signingConfig{c, in.Tags}})
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateCodeSigningConfigOutput{CodeSigningConfig: &c}, nil
}

// signingPolicies are those sent, or AWS's default: to warn.
func signingPolicies(sent *types.CodeSigningPolicies) *types.CodeSigningPolicies {
	if sent == nil || sent.UntrustedArtifactOnDeployment == "" {
		return &types.CodeSigningPolicies{UntrustedArtifactOnDeployment: types.CodeSigningPolicyWarn}
	}
	return sent
}

func checkSigningConfig(publishers *types.AllowedPublishers, description *string) error {
	var v violations
	v.length("description", description, maxDescription)
	if publishers != nil {
		arns := publishers.SigningProfileVersionArns
		if len(arns) < 1 || len(arns) > maxPublishers {
			v.Add("allowedPublishers.signingProfileVersionArns", spell(arns), "Member must have length between 1 and 20, inclusive")
		}
		for _, arn := range arns {
			v.check("allowedPublishers.signingProfileVersionArns", &arn, signingProfilePattern, 0)
		}
	}
	return v.err()
}

func checkSigningConfigARN(arn *string) error {
	var v violations
	v.check("codeSigningConfigArn", arn, signingConfigPattern, maxSigningConfig)
	return v.err()
}

// findSigningConfig is that of an ARN. Operations on functions have another error for one that is not there.
func findSigningConfig(tx *store.Tx, arn *string) (store.Document[signingConfig], error) {
	d, err := signingConfigs.Get(tx, aws.ToString(arn))
	if errors.Is(err, store.ErrNotFound) {
		return d, notFound("The Lambda code signing configuration %s can not be found.", aws.ToString(arn))
	}
	return d, err
}

// givenSigningConfig is that which a function is to have.
func givenSigningConfig(tx *store.Tx, arn *string) (types.CodeSigningConfig, error) {
	d, err := signingConfigs.Get(tx, aws.ToString(arn))
	if errors.Is(err, store.ErrNotFound) {
		return d.Value.Config, &types.CodeSigningConfigNotFoundException{
			Message: aws.String("The code signing configuration cannot be found. Check that the provided configuration is not deleted: " + *arn + "."),
			Type:    byUser,
		}
	}
	return d.Value.Config, err
}

// GetCodeSigningConfig reads one.
func (s *Service) GetCodeSigningConfig(ctx context.Context, in *sdk.GetCodeSigningConfigInput) (*sdk.GetCodeSigningConfigOutput, error) {
	if err := checkSigningConfigARN(in.CodeSigningConfigArn); err != nil {
		return nil, err
	}
	out := &sdk.GetCodeSigningConfigOutput{}
	err := s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := findSigningConfig(tx, in.CodeSigningConfigArn)
		out.CodeSigningConfig = &d.Value.Config
		return err
	})
	return out, err
}

// UpdateCodeSigningConfig changes what the input has. It counts from the next deployment on.
func (s *Service) UpdateCodeSigningConfig(ctx context.Context, in *sdk.UpdateCodeSigningConfigInput) (*sdk.UpdateCodeSigningConfigOutput, error) {
	if err := errors.Join(checkSigningConfigARN(in.CodeSigningConfigArn), checkSigningConfig(in.AllowedPublishers, in.Description)); err != nil {
		return nil, err
	}
	out := &sdk.UpdateCodeSigningConfigOutput{}
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := findSigningConfig(tx, in.CodeSigningConfigArn)
		if err != nil {
			return err
		}
		c := &d.Value.Config
		set(&c.AllowedPublishers, in.AllowedPublishers)
		set(&c.Description, in.Description)
		if in.CodeSigningPolicies != nil {
			c.CodeSigningPolicies = signingPolicies(in.CodeSigningPolicies)
		}
		c.LastModified = lastModified(tx.Now())
		out.CodeSigningConfig = c
		return signingConfigs.Put(tx, d)
	})
	return out, err
}

// DeleteCodeSigningConfig deletes one that no function has.
func (s *Service) DeleteCodeSigningConfig(ctx context.Context, in *sdk.DeleteCodeSigningConfigInput) (*sdk.DeleteCodeSigningConfigOutput, error) {
	if err := checkSigningConfigARN(in.CodeSigningConfigArn); err != nil {
		return nil, err
	}
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := findSigningConfig(tx, in.CodeSigningConfigArn)
		if err != nil {
			return err
		}
		users, err := signedFunctions(tx, d.ID)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return conflict("The code signing configuration cannot be deleted because it is in use by functions: [%s]", strings.Join(users, ", "))
		}
		return signingConfigs.Delete(tx, d.ID)
	})
	return &sdk.DeleteCodeSigningConfigOutput{}, err
}

// signedFunctions are the ARNs of the functions that have a configuration.
func signedFunctions(tx *store.Tx, arn string) (arns []string, err error) {
	p, err := functions.List(tx, store.Query{})
	for _, d := range p.Documents {
		if d.Value.CodeSigning == arn {
			arns = append(arns, *d.Value.Config.FunctionArn)
		}
	}
	return arns, err
}

// ListCodeSigningConfigs lists those of the caller's account and region.
func (s *Service) ListCodeSigningConfigs(ctx context.Context, in *sdk.ListCodeSigningConfigsInput) (*sdk.ListCodeSigningConfigsOutput, error) {
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListCodeSigningConfigsOutput{CodeSigningConfigs: []types.CodeSigningConfig{}}
	err = s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		p, err := signingConfigs.List(tx, store.Query{After: aws.ToString(in.Marker), Limit: limit})
		if errors.Is(err, store.ErrPosition) {
			return invalid("Invalid pagination token: %s", *in.Marker)
		}
		for _, d := range p.Documents {
			out.CodeSigningConfigs = append(out.CodeSigningConfigs, d.Value.Config)
		}
		if p.Next != "" {
			out.NextMarker = &p.Next
		}
		return err
	})
	return out, err
}

// ListFunctionsByCodeSigningConfig lists the functions that have a configuration.
func (s *Service) ListFunctionsByCodeSigningConfig(ctx context.Context, in *sdk.ListFunctionsByCodeSigningConfigInput) (*sdk.ListFunctionsByCodeSigningConfigOutput, error) {
	if err := checkSigningConfigARN(in.CodeSigningConfigArn); err != nil {
		return nil, err
	}
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListFunctionsByCodeSigningConfigOutput{}
	err = s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		if _, err := findSigningConfig(tx, in.CodeSigningConfigArn); err != nil {
			return err
		}
		all, err := signedFunctions(tx, *in.CodeSigningConfigArn)
		out.FunctionArns, out.NextMarker = page(all, limit, aws.ToString(in.Marker), func(arn string) string { return arn })
		return err
	})
	return out, err
}
