package lambda

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	maxLicense            = 512
	maxLayerRuntimes      = 15
	maxLayerArchitectures = 2
)

// A layer counts its versions. It stays when all of them are deleted, since their
// numbers are never used again (recorded).
type layer struct{ LastVersion int64 }

// A layerVersion is a layer's content, which never changes, and who may have it.
type layerVersion struct {
	Number        int64
	Description   string
	License       *string
	Runtimes      []types.Runtime // nil where none were sent, which is answered so
	Architectures []types.Architecture
	Created       string
	Content       content
	Policy        policy
	Revision      string // of the policy
}

// PublishLayerVersion makes the next version of a layer, and the layer with its first.
func (s *Service) PublishLayerVersion(ctx context.Context, in *sdk.PublishLayerVersionInput) (*sdk.PublishLayerVersionOutput, error) {
	r, err := readLayerRef(ctx, "lambda:PublishLayerVersion", in.LayerName)
	if err != nil {
		return nil, err
	}
	if err := checkLayer(in); err != nil {
		return nil, err
	}
	pkg, err := s.packageOf(ctx, &types.FunctionCode{
		S3Bucket: in.Content.S3Bucket, S3Key: in.Content.S3Key, S3ObjectVersion: in.Content.S3ObjectVersion,
		S3ObjectStorageMode: in.Content.S3ObjectStorageMode, ZipFile: in.Content.ZipFile,
	})
	if err != nil {
		return nil, err
	}
	v := layerVersion{
		Description: aws.ToString(in.Description), License: in.LicenseInfo, Content: pkg.content,
		Runtimes: in.CompatibleRuntimes, Architectures: in.CompatibleArchitectures,
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if err := insertLayerVersion(tx, &r, &v); err != nil {
			return err
		}
		return pkg.keep(tx)
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.PublishLayerVersionOutput](describeLayer(ctx, r, v)), nil
}

// checkLayer is every test of a new layer version but those of its package.
func checkLayer(in *sdk.PublishLayerVersionInput) error {
	var v violations
	v.length("description", in.Description, maxDescription)
	v.length("licenseInfo", in.LicenseInfo, maxLicense)
	v.checkLayerRuntimes(in.CompatibleRuntimes)
	if n := len(in.CompatibleArchitectures); n > maxLayerArchitectures {
		v.Add("compatibleArchitectures", spell(in.CompatibleArchitectures), "Member must have length less than or equal to 2")
	}
	return v.err()
}

// checkLayerRuntimes accepts the runtimes that functions may be given.
func (v *violations) checkLayerRuntimes(runtimes []types.Runtime) {
	if len(runtimes) > maxLayerRuntimes {
		v.Add("compatibleRuntimes", spell(runtimes), "Member must have length less than or equal to 15")
	}
	if slices.ContainsFunc(runtimes, func(r types.Runtime) bool { return checkRuntime(r) != nil }) {
		v.Add("compatibleRuntimes", spell(runtimes), "Member must satisfy enum value set: ["+strings.Join(offeredRuntimes, ", ")+"]")
	}
}

// insertLayerVersion gives v the next number of r's layer.
func insertLayerVersion(tx *store.Tx, r *layerRef, v *layerVersion) error {
	d, err := layers.Get(tx, r.Name)
	if errors.Is(err, store.ErrNotFound) {
		d, err = store.Document[layer]{ID: r.Name, Name: r.Name}, nil
	}
	if err != nil {
		return err
	}
	d.Value.LastVersion++
	*r = r.at(d.Value.LastVersion)
	v.Number, v.Created = r.Version, *lastModified(tx.Now())
	if err := layers.Put(tx, d); err != nil {
		return err
	}
	if err := layerVersions.Insert(tx, store.Document[layerVersion]{ID: r.id(), Name: r.Name, Parent: r.parent(), Value: *v}); err != nil {
		return err
	}
	return useAs(tx, v.Content, "layer|"+r.id(), store.Ref{Kind: layerVersions.Name, ID: r.id()})
}

// GetLayerVersion describes a version and says where its content can be fetched.
func (s *Service) GetLayerVersion(ctx context.Context, in *sdk.GetLayerVersionInput) (*sdk.GetLayerVersionOutput, error) {
	r, err := readLayerVersionRef(ctx, getLayerAction, in.LayerName, in.VersionNumber)
	if err != nil {
		return nil, err
	}
	v, err := s.layerVersion(ctx, r)
	if err != nil {
		return nil, err
	}
	return new(describeLayer(ctx, r, v)), nil
}

// GetLayerVersionByArn is GetLayerVersion for an ARN with a version.
func (s *Service) GetLayerVersionByArn(ctx context.Context, in *sdk.GetLayerVersionByArnInput) (*sdk.GetLayerVersionByArnOutput, error) {
	var wrong violations
	wrong.check("arn", in.Arn, layerARNPattern, maxLayerName)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	r, ok := splitLayer(*in.Arn)
	if !ok {
		return nil, layerGone()
	}
	if err := layerReachable(ctx, getLayerAction, r); err != nil {
		return nil, err
	}
	v, err := s.layerVersion(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetLayerVersionByArnOutput](describeLayer(ctx, r, v)), nil
}

// layerVersion reads a version that the caller may have: one of its own account, or one
// that is shared with it. Who may not have a version is not told whether it is there.
func (s *Service) layerVersion(ctx context.Context, r layerRef) (v layerVersion, err error) {
	c := wire.CallerFrom(ctx)
	var found bool
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		v, found, err = findLayerVersion(tx, r)
		return err
	})
	switch {
	case err != nil:
		return v, err
	case r.Account != c.AccountID && !(found && v.sharedWith(c.AccountID, c.Region)):
		return v, accessDenied(c, getLayerAction, r.arn())
	case !found:
		return v, layerGone()
	}
	return v, nil
}

// findLayerVersion reads a version in its own scope, whatever that of the transaction.
func findLayerVersion(tx *store.Tx, r layerRef) (v layerVersion, found bool, err error) {
	d, err := layerVersions.Get(tx.In(r.Scope), r.id())
	if errors.Is(err, store.ErrNotFound) {
		return layerVersion{}, false, nil
	}
	return d.Value, err == nil, err
}

// describeLayer is a version as it is answered to who reads it.
func describeLayer(ctx context.Context, r layerRef, v layerVersion) sdk.GetLayerVersionOutput {
	return sdk.GetLayerVersionOutput{
		LayerArn: aws.String(r.layer()), LayerVersionArn: aws.String(r.arn()), Version: v.Number,
		CompatibleArchitectures: v.Architectures, CompatibleRuntimes: v.Runtimes,
		CreatedDate: aws.String(v.Created), Description: aws.String(v.Description), LicenseInfo: v.License,
		Content: &types.LayerVersionContentOutput{
			CodeSha256: aws.String(v.Content.Digest), CodeSize: v.Content.Size,
			Location: aws.String(v.Content.location(wire.CallerFrom(ctx).Endpoint, r.Scope)),
		},
	}
}

// DeleteLayerVersion deletes a version; there need not be one (recorded). Functions that
// use it go on working: they hold on to its content.
func (s *Service) DeleteLayerVersion(ctx context.Context, in *sdk.DeleteLayerVersionInput) (*sdk.DeleteLayerVersionOutput, error) {
	r, err := readLayerVersionRef(ctx, "lambda:DeleteLayerVersion", in.LayerName, in.VersionNumber)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		v, found, err := findLayerVersion(tx, r)
		if err != nil || !found {
			return err
		}
		if err := layerVersions.Delete(tx, r.id()); err != nil {
			return err
		}
		return sweep(tx, v.Content.Digest)
	})
	return &sdk.DeleteLayerVersionOutput{}, err
}
