package lambda

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// Each case is a question about AWS's answer to a wrong request about layers. Version 1
// of the layer "l" is shared with everybody, versions 2 to 6 and all of "m" with nobody.
func TestWrongRequestsAboutLayersGetTheErrorOfAWS(t *testing.T) {
	b := newBench(t)
	var m []string
	for range 6 {
		b.publishLayer(t, asCaller, "l", "x")
		m = append(m, b.publishLayer(t, asCaller, fmt.Sprintf("m%d", len(m)), "x"))
	}
	check(t, b.sharing("l", 1, func(*sdk.AddLayerVersionPermissionInput) {})(asCaller))
	b.create(t, "f")
	missing := "ResourceNotFoundException: The resource you requested does not exist."
	for _, c := range []struct {
		question, source string
		call             call
		want             string
	}{
		// PublishLayerVersion
		{"a name with a blank", model, b.layering("a b", func(*sdk.PublishLayerVersionInput) {}),
			`ValidationException: 1 validation error detected: Value 'a b' at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`},
		{"runtimes that are none", recorded, b.layering("l", func(in *sdk.PublishLayerVersionInput) {
			in.CompatibleRuntimes = []types.Runtime{"invalidruntime", "invalidruntime2", "nodejs20.x"}
		}),
			"ValidationException: 1 validation error detected: Value '[invalidruntime, invalidruntime2, nodejs20.x]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [" + strings.Join(offeredRuntimes, ", ") + "]"},
		{"a package that is no zip", recorded, b.layering("l", func(in *sdk.PublishLayerVersionInput) { in.Content.ZipFile = []byte("no zip") }),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"a package that leads outside", ours, b.layering("l", func(in *sdk.PublishLayerVersionInput) { in.Content.ZipFile = zippedAs("../../evil.py", "x") }),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"a bucket that is not there", recorded, b.layering("l", func(in *sdk.PublishLayerVersionInput) {
			in.Content = &types.LayerVersionContentInput{S3Bucket: aws.String("bucket"), S3Key: aws.String("k")}
		}),
			"InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		{"a package too large when unpacked", recorded, b.layering("l", func(in *sdk.PublishLayerVersionInput) { in.Content.ZipFile = bomb() }),
			"InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes"},
		{"too long a license", model, b.layering("l", func(in *sdk.PublishLayerVersionInput) { in.LicenseInfo = aws.String(strings.Repeat("x", 513)) }),
			"ValidationException: 1 validation error detected: Value '" + strings.Repeat("x", 513) + "' at 'licenseInfo' failed to satisfy constraint: Member must have length less than or equal to 512"},
		{"the layer of another account", model, b.layering("arn:aws:lambda:us-east-1:222222222222:layer:l", func(*sdk.PublishLayerVersionInput) {}),
			"AccessDeniedException: User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:PublishLayerVersion on resource: arn:aws:lambda:us-east-1:222222222222:layer:l because no resource-based policy allows the lambda:PublishLayerVersion action"},

		// Reading and deleting
		{"a version of no layer", recorded, b.layerVersioning("nowhere", 1), missing},
		{"no such version", recorded, b.layerVersioning("l", 9), missing},
		{"version 0", recorded, b.layerVersioning("l", 0), "InvalidParameterValueException: Layer Version Cannot be less than 1"},
		{"version -1", recorded, b.layerVersioning("l", -1), "InvalidParameterValueException: Layer Version Cannot be less than 1"},
		{"an ARN without a version", recorded, b.byARN(layerPrefix + "l"),
			`ValidationException: 1 validation error detected: Value '` + layerPrefix + `l' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+`},
		{"an ARN of no version", recorded, b.byARN(layerPrefix + "l:9"), missing},
		{"an ARN beyond all versions", ours, b.byARN(layerPrefix + "l:99999999999999999999"), missing},
		{"an ARN of another region", ours, b.byARN("arn:aws:lambda:eu-west-1:111111111111:layer:l:1"), missing},
		{"delete version 0", recorded, func(ctx context.Context) error {
			_, err := b.DeleteLayerVersion(ctx, &sdk.DeleteLayerVersionInput{LayerName: aws.String("l"), VersionNumber: aws.Int64(0)})
			return err
		}, "InvalidParameterValueException: Layer Version Cannot be less than 1"},
		{"list for a runtime that is none", recorded, b.listingLayers(&sdk.ListLayersInput{CompatibleRuntime: "runtimedoesnotexist"}),
			"ValidationException: 1 validation error detected: Value 'runtimedoesnotexist' at 'compatibleRuntime' failed to satisfy constraint: Member must satisfy enum value set: [ruby2.6, dotnetcore1.0, python3.7, nodejs8.10, nasa, ruby2.7, python2.7-greengrass, dotnetcore2.0, python3.8, java21, dotnet6, dotnetcore2.1, python3.9, java11, nodejs6.10, provided, dotnetcore3.1, dotnet8, java17, nodejs, nodejs4.3, java8.al2, go1.x, nodejs20.x, go1.9, byol, nodejs10.x, provided.al2023, python3.10, java8, nodejs12.x, python3.11, nodejs8.x, python3.12, nodejs14.x, nodejs8.9, python3.13, nodejs16.x, provided.al2, nodejs4.3-edge, nodejs18.x, ruby3.2, python3.4, ruby3.3, ruby2.5, python3.6, python2.7]"},
		{"list too many", model, b.listingLayers(&sdk.ListLayersInput{MaxItems: aws.Int32(51)}),
			"ValidationException: 1 validation error detected: Value '51' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 50"},
		{"list another account's", model, func(ctx context.Context) error {
			_, err := b.ListLayerVersions(ctx, &sdk.ListLayerVersionsInput{LayerName: aws.String("arn:aws:lambda:us-east-1:222222222222:layer:l")})
			return err
		}, "AccessDeniedException: User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:ListLayerVersions on resource: arn:aws:lambda:us-east-1:222222222222:layer:l because no resource-based policy allows the lambda:ListLayerVersions action"},

		// Policies
		{"no policy", recorded, b.layerPolicy("l", 2), "ResourceNotFoundException: No policy is associated with the given resource."},
		{"the policy of no layer", recorded, b.layerPolicy("nowhere", 1), "ResourceNotFoundException: Layer version " + layerPrefix + "nowhere:1 does not exist."},
		{"the policy of no version", recorded, b.layerPolicy("l", 9), "ResourceNotFoundException: Layer version " + layerPrefix + "l:9 does not exist."},
		{"an action that cannot be shared", recorded, b.sharing("l", 1, func(in *sdk.AddLayerVersionPermissionInput) { in.Action = aws.String("*") }),
			"ValidationException: 1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion"},
		{"a principal that is none", model, b.sharing("l", 2, func(in *sdk.AddLayerVersionPermissionInput) { in.Principal = aws.String("s3.amazonaws.com") }),
			`ValidationException: 1 validation error detected: Value 's3.amazonaws.com' at 'principal' failed to satisfy constraint: Member must satisfy regular expression pattern: \d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root`},
		{"a statement's id twice", recorded, b.sharing("l", 1, func(*sdk.AddLayerVersionPermissionInput) {}),
			"ResourceConflictException: The statement id (s1) provided already exists. Please provide a new statement id, or remove the existing statement."},
		{"add to an old revision", recorded, b.sharing("l", 1, func(in *sdk.AddLayerVersionPermissionInput) {
			in.StatementId, in.RevisionId = aws.String("s2"), aws.String("wrong")
		}), staleLayerPolicy},
		{"share no layer", recorded, b.sharing("nowhere", 1, func(*sdk.AddLayerVersionPermissionInput) {}), "ResourceNotFoundException: Layer version " + layerPrefix + "nowhere:1 does not exist."},
		{"share no version", recorded, b.sharing("l", 9, func(*sdk.AddLayerVersionPermissionInput) {}), "ResourceNotFoundException: Layer version " + layerPrefix + "l:9 does not exist."},
		{"remove from no layer", recorded, b.unsharing("nowhere", 1, "s1", nil), "ResourceNotFoundException: Layer version " + layerPrefix + "nowhere:1 does not exist."},
		{"remove no statement", recorded, b.unsharing("l", 1, "doesnotexist", nil), "ResourceNotFoundException: Statement doesnotexist is not found in resource policy."},
		{"remove from an old revision", recorded, b.unsharing("l", 1, "s1", aws.String("wrong")), staleLayerPolicy},
		{"remove where there is no policy", ours, b.unsharing("l", 2, "s1", nil), "ResourceNotFoundException: No policy is associated with the given resource."},

		// Functions
		{"two versions of a layer", recorded, b.using(layerPrefix+"l:1", layerPrefix+"l:2", layerPrefix+"l:3"),
			"InvalidParameterValueException: Two different versions of the same layer are not allowed to be referenced in the same function. " + layerPrefix + "l:1 and " + layerPrefix + "l:2 are versions of the same layer."},
		{"the same version twice", recorded, b.using(layerPrefix+"l:1", layerPrefix+"l:1"),
			"InvalidParameterValueException: Two different versions of the same layer are not allowed to be referenced in the same function. " + layerPrefix + "l:1 and " + layerPrefix + "l:1 are versions of the same layer."},
		{"no such layer", recorded, b.using(layerPrefix + "doesnotexist:1"), "InvalidParameterValueException: Layer version " + layerPrefix + "doesnotexist:1 does not exist."},
		{"no such version of a layer", recorded, b.using(layerPrefix + "l:9"), "InvalidParameterValueException: Layer version " + layerPrefix + "l:9 does not exist."},
		{"one of AWS's own layers", ours, b.using("arn:aws:lambda:::awslayer:AmazonLinux1803"), "InvalidParameterValueException: Layer version arn:aws:lambda:::awslayer:AmazonLinux1803 does not exist."},
		{"six layers", recorded, b.using(m...), "InvalidParameterValueException: Cannot reference more than 5 layers."},
		{"a layer without a version", recorded, b.using(layerPrefix + "l"),
			`ValidationException: 1 validation error detected: Value '[` + layerPrefix + `l]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 140, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]`},
		{"a layer of another region", recorded, b.creating(withLayers("arn:aws:lambda:eu-west-1:111111111111:layer:l:1")),
			"InvalidParameterValueException: Layers are not in the same region as the function. Layers are expected to be in region us-east-1."},
	} {
		t.Run(c.question, func(t *testing.T) {
			if got := codeAndText(c.call(asCaller)); got != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.source, got, c.want)
			}
		})
	}
	if got := b.configuration(t, "f").Layers; got != nil {
		t.Errorf("a request that failed has left %v", got)
	}
}

const staleLayerPolicy = "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. " +
	"Call the GetLayerPolicy API to retrieve the latest Revision Id"

// The texts are of public captures: reports of users of layers, 2019 to 2023.
func TestCodeAndLayersTogetherHaveALimit(t *testing.T) {
	b := newBench(t)
	large := func(name string, unzipped int64) string {
		arn := b.publishLayer(t, asCaller, name, "x")
		check(t, b.Store.Update(t.Context(), scope(asCaller), func(tx *store.Tx) error {
			d, err := layerVersions.Get(tx, layerRef{Name: name, Version: 1}.id())
			d.Value.Content.Unzipped = unzipped
			check(t, err)
			return layerVersions.Put(tx, d)
		}))
		return arn
	}
	half, rest, one := large("half", maxUnzipped/2), large("rest", maxUnzipped/2-int64(len("one"))), large("one", 1)
	b.create(t, "f") // its package has three bytes
	check(t, b.setLayers("f", half, rest))
	together := "InvalidParameterValueException: Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes."
	if got := codeAndText(b.setLayers("f", half, rest, one)); got != together {
		t.Error(got)
	}
	_, err := b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: zipped("more")})
	if got := codeAndText(err); got != together {
		t.Error(got)
	}
	if got := codeAndText(b.creating(withLayers(half, large("other-half", maxUnzipped/2), one))(asCaller)); got != "InvalidParameterValueException: Layers consume more than the available size of 262144000 bytes" {
		t.Error(got)
	}
}

func (b *bench) layering(name string, change func(*sdk.PublishLayerVersionInput)) call {
	return func(ctx context.Context) error {
		in := &sdk.PublishLayerVersionInput{LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: zipped("x")}}
		change(in)
		_, err := b.PublishLayerVersion(ctx, in)
		return err
	}
}

func (b *bench) layerVersioning(name string, version int64) call {
	return func(ctx context.Context) error {
		_, err := b.GetLayerVersion(ctx, &sdk.GetLayerVersionInput{LayerName: &name, VersionNumber: &version})
		return err
	}
}

func (b *bench) byARN(arn string) call {
	return func(ctx context.Context) error {
		_, err := b.GetLayerVersionByArn(ctx, &sdk.GetLayerVersionByArnInput{Arn: &arn})
		return err
	}
}

func (b *bench) listingLayers(in *sdk.ListLayersInput) call {
	return func(ctx context.Context) error {
		_, err := b.ListLayers(ctx, in)
		return err
	}
}

func (b *bench) layerPolicy(name string, version int64) call {
	return func(ctx context.Context) error {
		_, err := b.GetLayerVersionPolicy(ctx, &sdk.GetLayerVersionPolicyInput{LayerName: &name, VersionNumber: &version})
		return err
	}
}

func (b *bench) sharing(name string, version int64, change func(*sdk.AddLayerVersionPermissionInput)) call {
	return func(ctx context.Context) error {
		in := &sdk.AddLayerVersionPermissionInput{
			LayerName: &name, VersionNumber: &version, StatementId: aws.String("s1"),
			Action: aws.String("lambda:GetLayerVersion"), Principal: aws.String("*"),
		}
		change(in)
		_, err := b.AddLayerVersionPermission(ctx, in)
		return err
	}
}

func (b *bench) unsharing(name string, version int64, sid string, revision *string) call {
	return func(ctx context.Context) error {
		_, err := b.RemoveLayerVersionPermission(ctx, &sdk.RemoveLayerVersionPermissionInput{
			LayerName: &name, VersionNumber: &version, StatementId: &sid, RevisionId: revision,
		})
		return err
	}
}

func (b *bench) using(arns ...string) call {
	return func(context.Context) error { return b.setLayers("f", arns...) }
}
