package lambda

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// Images finds the container images of functions: a Docker engine does.
//
// Unlike AWS, which takes images of ECR only, any image is taken that the engine has or can pull.
type Images interface {
	// FindImage says what an image is at the moment. Its errors are those of lambdarunner.
	FindImage(ctx context.Context, uri, architecture string) (lambdarunner.Image, error)
	// FetchImage pulls what FindImage has found where the engine does not have it yet.
	FetchImage(ctx context.Context, img lambdarunner.Image, architecture string) error
}

// imageOf finds the image of a request's code.
func (s *Service) imageOf(ctx context.Context, uri string, architecture types.Architecture) (codePackage, error) {
	if s.Images == nil {
		return codePackage{}, invalid("PackageType Image needs a Docker engine, and Postern runs functions as processes: "+
			"start it with --lambda docker where an engine answers. (Source image %s.)", uri)
	}
	img, err := s.Images.FindImage(ctx, uri, string(architecture))
	switch {
	case errors.Is(err, lambdarunner.ErrBadImage):
		return codePackage{}, invalid("Source image %s is not valid. Provide a valid source image.", uri)
	case errors.Is(err, lambdarunner.ErrNoImage):
		return codePackage{}, invalid("Source image %s does not exist. Provide a valid source image. (Postern: %s)", uri, err)
	case errors.Is(err, lambdarunner.ErrImageArchitecture):
		return codePackage{}, invalid("Source image %s is not valid. Provide a valid source image. (Postern: %s)", uri, err)
	}
	return codePackage{image: &img}, err
}

// newImage is the code of a new function of an image.
func (s *Service) newImage(ctx context.Context, in *sdk.CreateFunctionInput) (codePackage, error) {
	if in.Code == nil || aws.ToString(in.Code.ImageUri) == "" || hasPackage(in.Code) {
		return codePackage{}, invalid("Please provide ImageUri, and nothing else, as the code of a function with packageType Image.")
	}
	architecture := types.ArchitectureX8664
	if len(in.Architectures) > 0 {
		architecture = in.Architectures[0]
	}
	return s.imageOf(ctx, *in.Code.ImageUri, architecture)
}

func hasPackage(c *types.FunctionCode) bool {
	return len(c.ZipFile) > 0 || aws.ToString(c.S3Bucket) != "" || aws.ToString(c.S3Key) != ""
}

// checkImageOnly refuses what functions of images do not have (recorded text).
func (s settings) checkImageOnly() error {
	if s.Runtime != "" || aws.ToString(s.Handler) != "" || len(s.Layers) > 0 {
		return invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.")
	}
	return nil
}

// checkPackaged tests settings against how the function is packaged.
func (s settings) checkPackaged(as types.PackageType) error {
	if as == types.PackageTypeImage {
		return s.checkImageOnly()
	}
	if imageConfig(s.ImageConfig) != nil {
		return invalid("Please don't provide ImageConfig when the intended function PackageType is Zip.")
	}
	return nil
}

// imageConfig is nil for one that leaves all to the image.
func imageConfig(c *types.ImageConfig) *types.ImageConfig {
	if c == nil || len(c.Command)+len(c.EntryPoint)+len(aws.ToString(c.WorkingDirectory)) == 0 {
		return nil
	}
	return c
}

// The model's limits on ImageConfig.
const (
	maxImageWords     = 1500
	maxImageDirectory = 1000
)

func (v *violations) checkImageConfig(c *types.ImageConfig) {
	if c == nil {
		return
	}
	v.length("imageConfig.workingDirectory", c.WorkingDirectory, maxImageDirectory)
	for member, words := range map[string][]string{"imageConfig.entryPoint": c.EntryPoint, "imageConfig.command": c.Command} {
		if len(words) > maxImageWords {
			v.Add(member, spell(words), "Member must have length less than or equal to 1500")
		}
	}
}

// replacedImage is the code that UpdateFunctionCode gives to a function of an image.
func (s *Service) replacedImage(ctx context.Context, in *sdk.UpdateFunctionCodeInput, now types.FunctionConfiguration) (codePackage, error) {
	if aws.ToString(in.ImageUri) == "" || len(in.ZipFile) > 0 || aws.ToString(in.S3Bucket) != "" {
		return codePackage{}, invalid("Please provide ImageUri when updating a function with packageType Image.")
	}
	architecture := now.Architectures[0]
	if len(in.Architectures) > 0 {
		architecture = in.Architectures[0]
	}
	return s.imageOf(ctx, *in.ImageUri, architecture)
}

// present is the configuration of a function as it is now.
func (s *Service) present(ctx context.Context, r ref) (c types.FunctionConfiguration, err error) {
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		c = d.Value.Config
		return err
	})
	return c, err
}

// putImage makes an image the code of r.
func (r *record) putImage(img lambdarunner.Image) {
	r.Image = &img
	r.Config.PackageType = types.PackageTypeImage
	r.Config.CodeSha256, r.Config.CodeSize = aws.String(img.Digest), 0
}

// imageLocation is GetFunction's Code for a function of an image.
func (r record) imageLocation() *types.FunctionCodeLocation {
	return &types.FunctionCodeLocation{
		RepositoryType: aws.String("ECR"), // which there is no other of
		ImageUri:       aws.String(r.Image.URI), ResolvedImageUri: aws.String(r.Image.Resolved),
	}
}

// runnableImage is the image as sandboxes take it, nil for a function of files.
func (r record) runnableImage() *lambdarunner.Image {
	if r.Image == nil {
		return nil
	}
	img := *r.Image
	if c := r.Config.ImageConfigResponse; c != nil && c.ImageConfig != nil {
		img.EntryPoint, img.Command = c.ImageConfig.EntryPoint, c.ImageConfig.Command
		img.WorkingDirectory = strings.TrimSpace(aws.ToString(c.ImageConfig.WorkingDirectory))
	}
	return &img
}
