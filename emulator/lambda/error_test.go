package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const (
	recorded = "recorded from AWS"
	capture  = "public captures"
	model    = "botocore's model, in the form of recorded constraint errors"
	ours     = "Postern's own text"
)

// Each case is a question about AWS's answer to a wrong request. The function
// "there" exists, with version 1 and the alias live.
func TestWrongRequestsGetTheErrorOfAWS(t *testing.T) {
	b := newBench(t)
	b.create(t, "there")
	b.publish(t, "there")
	_, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{FunctionName: aws.String("there"), Name: aws.String("live"), FunctionVersion: aws.String("1")})
	check(t, err)

	cases := []struct {
		question, source string
		call             func(context.Context) error
		want             string
	}{
		// CreateFunction
		{"a character that names may not have", recorded, b.creating(named("my-function!")),
			"ValidationException: 1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: " + writeNamePattern.text},
		{"a name of 65 characters", recorded, b.creating(named(strings.Repeat("a", 65))),
			"InvalidParameterValueException: 1 validation error detected: Value '" + strings.Repeat("a", 65) + "' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"a taken name", ours, b.creating(named("there")), "ResourceConflictException: Function already exist: there"},
		{"an unknown runtime", recorded, b.creating(func(in *sdk.CreateFunctionInput) { in.Runtime = "non-existent-runtime" }),
			"InvalidParameterValueException: Value non-existent-runtime at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2] or be a valid ARN"},
		{"a retired runtime", recorded, b.creating(func(in *sdk.CreateFunctionInput) { in.Runtime = "python3.7" }),
			"InvalidParameterValueException: The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions."},
		{"a role that is no role", model, b.creating(func(in *sdk.CreateFunctionInput) { in.Role = aws.String("r1") }),
			`ValidationException: 1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`},
		{"a timeout too long", model, b.creating(func(in *sdk.CreateFunctionInput) { in.Timeout = aws.Int32(901) }),
			"ValidationException: 1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"},
		{"too little of two", model, b.creating(func(in *sdk.CreateFunctionInput) { in.Timeout, in.MemorySize = aws.Int32(0), aws.Int32(64) }),
			"ValidationException: 2 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"},
		{"more memory than there is", capture, b.creating(func(in *sdk.CreateFunctionInput) { in.MemorySize = aws.Int32(10241) }),
			"InvalidParameterValueException: 'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240"},
		{"two architectures", recorded, b.creating(func(in *sdk.CreateFunctionInput) { in.Architectures = []types.Architecture{"x86_64", "arm64"} }),
			"ValidationException: 1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1"},
		{"a package that is no zip", recorded, b.creating(zipFile([]byte("not a zip"))),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"a package too large", recorded, b.creating(zipFile(make([]byte, maxZipped+1))),
			"RequestEntityTooLargeException: Zipped size must be smaller than 52428800 bytes"},
		{"a package too large when unpacked", recorded, b.creating(zipFile(bomb())), "InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes"},
		{"a package with a broken file", recorded, b.creating(zipFile(broken())),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"a package that leads outside", ours, b.creating(zipFile(zippedAs("../evil.py", "x"))),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"a package with a link that leads outside", ours, b.creating(zipFile(linking("link", "/etc/passwd"))),
			"InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again."},
		{"no code", capture, b.creating(zipFile(nil)), "InvalidParameterValueException: Please provide a source for function code."},
		{"no handler", capture, b.creating(func(in *sdk.CreateFunctionInput) { in.Handler = nil }),
			"InvalidParameterValueException: Runtime and Handler are mandatory parameters for functions created with deployment packages."},
		{"variables of the runtime", capture, b.creating(variable("AWS_REGION", "x", "AWS_ACCESS_KEY_ID", "y")),
			"InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_ACCESS_KEY_ID, AWS_REGION"},
		{"too much environment", recorded, b.creating(variable("LARGE_VAR", strings.Repeat("x", 4096))),
			`InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"LARGE_VAR":"` + strings.Repeat("x", 4096) + `"}`},
		{"a variable that begins with a digit", model, b.creating(variable("1A", "x")),
			"ValidationException: 1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]"},
		{"a bucket that is not there", recorded, b.creating(func(in *sdk.CreateFunctionInput) {
			in.Code = &types.FunctionCode{S3Bucket: aws.String("bucket"), S3Key: aws.String("k")}
		}),
			"InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist"},
		{"a VPC without groups", capture, b.creating(func(in *sdk.CreateFunctionInput) { in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"subnet-1"}} }),
			"InvalidParameterValueException: SubnetIds and SecurityIds must coexist or be both empty list."},
		{"a subnet that is none", recorded, b.creating(func(in *sdk.CreateFunctionInput) {
			in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"x"}, SecurityGroupIds: []string{"sg-1"}}
		}), "InvalidParameterValueException: Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: The subnet ID 'x' does not exist"},
		{"too many groups", model, b.creating(func(in *sdk.CreateFunctionInput) {
			in.VpcConfig = &types.VpcConfig{SubnetIds: []string{"subnet-1"}, SecurityGroupIds: []string{"a", "b", "c", "d", "e", "f"}}
		}), "ValidationException: 1 validation error detected: Value '[a, b, c, d, e, f]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: Member must have length less than or equal to 5"},
		{"a key that is none", model, b.creating(func(in *sdk.CreateFunctionInput) { in.KMSKeyArn = aws.String("k") }),
			"ValidationException: 1 validation error detected: Value 'k' at 'kmsKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"},
		{"SnapStart for a runtime without it", capture, b.creating(func(in *sdk.CreateFunctionInput) {
			in.Runtime, in.SnapStart = types.RuntimeNodejs22x, &types.SnapStart{ApplyOn: types.SnapStartApplyOnPublishedVersions}
		}), "InvalidParameterValueException: nodejs22.x is not supported for SnapStart enabled functions."},
		{"a file system", ours, b.creating(func(in *sdk.CreateFunctionInput) {
			in.FileSystemConfigs = []types.FileSystemConfig{{Arn: aws.String("arn:aws:elasticfilesystem:us-east-1:111111111111:access-point/fsap-12345678901234567"), LocalMountPath: aws.String("/mnt/x")}}
		}), "InvalidParameterValueException: FileSystemConfigs is not emulated by Postern yet. Leave it out to go on without it."},
		{"an image with a runtime", capture, b.creating(func(in *sdk.CreateFunctionInput) { in.PackageType = types.PackageTypeImage }),
			"InvalidParameterValueException: Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."},
		{"an image without saying so", capture, b.creating(func(in *sdk.CreateFunctionInput) {
			in.Code = &types.FunctionCode{ImageUri: aws.String("i")}
		}), "InvalidParameterValueException: Please provide a source for function code."},
		{"an image where functions are processes", ours, b.creating(func(in *sdk.CreateFunctionInput) {
			in.PackageType, in.Runtime, in.Handler, in.Code = types.PackageTypeImage, "", nil, &types.FunctionCode{ImageUri: aws.String("i:1")}
		}), "InvalidParameterValueException: PackageType Image needs a Docker engine, and Postern runs functions as processes: start it with --lambda docker where an engine answers. (Source image i:1.)"},
		{"an image's settings for a zip function", ours, b.creating(func(in *sdk.CreateFunctionInput) {
			in.ImageConfig = &types.ImageConfig{Command: []string{"a"}}
		}), "InvalidParameterValueException: Please don't provide ImageConfig when the intended function PackageType is Zip."},
		{"too many tags", recorded, b.creating(func(in *sdk.CreateFunctionInput) { in.Tags = manyTags(51) }),
			"InvalidParameterValueException: Number of tags exceeds resource tag limit."},

		// Names
		{"a function that is not there", recorded, b.getting("nowhere", ""), "ResourceNotFoundException: Function not found: " + prefix + "nowhere"},
		{"a version that is not there", recorded, b.getting("there", "7"), "ResourceNotFoundException: Function not found: " + prefix + "there:7"},
		{"$latest", recorded, b.getting("there", "$latest"), "ResourceNotFoundException: Function not found: " + prefix + "there:$latest"},
		{"a long name is only not there", recorded, b.getting(strings.Repeat("a", 65), ""), "ResourceNotFoundException: Function not found: " + prefix + strings.Repeat("a", 65)},
		{"two qualifiers", recorded, b.getting("there:live", "1"), "InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier."},
		{"another region", recorded, b.getting("arn:aws:lambda:us-west-1:111111111111:function:there", ""), "ResourceNotFoundException: Functions from 'us-west-1' are not reachable in this region ('us-east-1')"},
		{"another account", model, b.getting("222222222222:function:there", ""), "AccessDeniedException: User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:us-east-1:222222222222:function:there because no resource-based policy allows the lambda:GetFunction action"},
		{"a character that qualifiers may not have", model, b.getting("there", "a/b"), `ValidationException: 1 validation error detected: Value 'a/b' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`},

		// DeleteFunction
		{"delete $LATEST", recorded, b.deleting("there:$LATEST"), "InvalidParameterValueException: $LATEST version cannot be deleted without deleting the function."},
		{"delete an alias as a function", recorded, b.deleting("there:live"), "InvalidParameterValueException: Deletion of aliases is not currently supported."},
		{"delete a version in use", capture, b.deleting("there:1"), "ResourceConflictException: Unable to delete version because the following aliases reference it: [live]"},
		{"delete what is not there", recorded, b.deleting("nowhere"), "ResourceNotFoundException: Function not found: " + prefix + "nowhere"},

		// Updates and versions
		{"an old revision of code", recorded, func(ctx context.Context) error {
			_, err := b.UpdateFunctionCode(ctx, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("there"), ZipFile: zipped("x"), RevisionId: aws.String("wrong")})
			return err
		}, staleRevision},
		{"an old revision of configuration", recorded, func(ctx context.Context) error {
			_, err := b.UpdateFunctionConfiguration(ctx, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("there"), RevisionId: aws.String("wrong")})
			return err
		}, staleRevision},
		{"an image for a zip function", recorded, func(ctx context.Context) error {
			_, err := b.UpdateFunctionCode(ctx, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("there"), ImageUri: aws.String("i")})
			return err
		}, "InvalidParameterValueException: Please don't provide ImageUri when updating a function with packageType Zip."},
		{"publish an old revision", recorded, b.publishing(func(in *sdk.PublishVersionInput) { in.RevisionId = aws.String("wrong") }), staleRevision},
		{"publish other code", recorded, b.publishing(func(in *sdk.PublishVersionInput) { in.CodeSha256 = aws.String("somenonexistentsha256") }),
			"InvalidParameterValueException: CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST (" + *b.configuration(t, "there").CodeSha256 + "). Please try again with the CodeSHA256 in $LATEST."},
		{"update a version", recorded, func(ctx context.Context) error {
			_, err := b.UpdateFunctionConfiguration(ctx, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("there:1")})
			return err
		}, "InvalidParameterValueException: This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN."},

		// Aliases
		{"an alias that is a number", model, b.aliasing("7", "1", nil), "ValidationException: 1 validation error detected: Value '7' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"},
		{"an alias that is there", recorded, b.aliasing("live", "1", nil), "ResourceConflictException: Alias already exists: " + prefix + "there:live"},
		{"an alias of no version", recorded, b.aliasing("a", "10", nil), "ResourceNotFoundException: Function not found: " + prefix + "there:10"},
		{"weights of two", recorded, b.aliasing("a", "1", map[string]float64{"2": .1, "3": .1}), "InvalidParameterValueException: Number of items in AdditionalVersionWeights cannot be greater than 1"},
		{"a weight of 2", recorded, b.aliasing("a", "1", map[string]float64{"2": 2}), "ValidationException: 1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"},
		{"a weight of -1", recorded, b.aliasing("a", "1", map[string]float64{"2": -1}), "ValidationException: 1 validation error detected: Value '{2=-1.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"},
		{"a weight for itself", recorded, b.aliasing("a", "1", map[string]float64{"1": .5}), "InvalidParameterValueException: Invalid function version 1. Function version 1 is already included in routing configuration."},
		{"a weight for no version", recorded, b.aliasing("a", "1", map[string]float64{"10": .5}), "ResourceNotFoundException: Function not found: " + prefix + "there:10"},
		{"a weight beside $LATEST", recorded, b.aliasing("a", "$LATEST", map[string]float64{"1": .5}), "InvalidParameterValueException: $LATEST is not supported for an alias pointing to more than 1 version"},
		{"a weight for $LATEST", recorded, b.aliasing("a", "1", map[string]float64{"$LATEST": .5}), "ValidationException: 1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]"},
		{"read no alias", recorded, func(ctx context.Context) error {
			_, err := b.GetAlias(ctx, &sdk.GetAliasInput{FunctionName: aws.String("there"), Name: aws.String("non-existent")})
			return err
		}, "ResourceNotFoundException: Cannot find alias arn: " + prefix + "there:non-existent"},
		{"update no alias", recorded, func(ctx context.Context) error {
			_, err := b.UpdateAlias(ctx, &sdk.UpdateAliasInput{FunctionName: aws.String("there"), Name: aws.String("none")})
			return err
		}, "ResourceNotFoundException: Alias not found: " + prefix + "there:none"},
		{"an old revision of an alias", recorded, func(ctx context.Context) error {
			_, err := b.UpdateAlias(ctx, &sdk.UpdateAliasInput{FunctionName: aws.String("there"), Name: aws.String("live"), RevisionId: aws.String("wrong")})
			return err
		}, staleRevision},

		// Permissions
		{"a permission for $LATEST", recorded, b.permitting(func(in *sdk.AddPermissionInput) { in.Qualifier = aws.String("$LATEST") }), "InvalidParameterValueException: We currently do not support adding policies for $LATEST."},
		{"a principal that is none", recorded, b.permitting(func(in *sdk.AddPermissionInput) { in.Principal = aws.String("invalid.nonaws.com") }), "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again."},
		{"a statement id with a dot", model, b.permitting(func(in *sdk.AddPermissionInput) { in.StatementId = aws.String("a.b") }), "ValidationException: 1 validation error detected: Value 'a.b' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"},
		{"a permission for no alias", recorded, b.permitting(func(in *sdk.AddPermissionInput) { in.Qualifier = aws.String("none") }), "ResourceNotFoundException: Cannot find alias arn: " + prefix + "there:none"},
		{"a permission with an old revision", recorded, b.permitting(func(in *sdk.AddPermissionInput) { in.RevisionId = aws.String("wrong") }), staleRevision},
		{"a permission to remove where none is", recorded, b.unpermitting("there", "s3"), "ResourceNotFoundException: No policy is associated with the given resource."},
		{"a permission to remove from nothing", recorded, b.unpermitting("nowhere", "s3"), "ResourceNotFoundException: No policy found for: " + prefix + "nowhere"},
		{"no policy", recorded, func(ctx context.Context) error {
			_, err := b.GetPolicy(ctx, &sdk.GetPolicyInput{FunctionName: aws.String("there")})
			return err
		}, "ResourceNotFoundException: The resource you requested does not exist."},

		// Tags
		{"tags of no ARN", recorded, b.tagging("arn:aws:something", "k"), "ValidationException: 1 validation error detected: Value 'arn:aws:something' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: " + taggablePattern.text},
		{"tags of an alias", recorded, b.tagging(prefix+"there:live", "k"), "InvalidParameterValueException: Tags on function aliases and versions are not supported. Please specify a function ARN."},
		{"tags of nothing", recorded, b.tagging(prefix+"nowhere", "k"), "ResourceNotFoundException: Function not found: " + prefix + "nowhere"},
		{"no tags", recorded, b.tagging(prefix+"there", ""), "InvalidParameterValueException: An error occurred and the request cannot be processed."},
		{"no tag keys", recorded, func(ctx context.Context) error {
			_, err := b.UntagResource(ctx, &sdk.UntagResourceInput{Resource: aws.String(prefix + "there")})
			return err
		}, "ValidationException: 1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"},

		// Invoke
		{"invoke nothing", recorded, b.invoking("nowhere", "{}", ""), "ResourceNotFoundException: Function not found: " + prefix + "nowhere:$LATEST"},
		{"invoke no alias", recorded, b.invoking("there:none", "{}", ""), "ResourceNotFoundException: Function not found: " + prefix + "there:none"},
		{"invoke another region", recorded, b.invoking("arn:aws:lambda:us-west-1:111111111111:function:there", "{}", ""), "ResourceNotFoundException: Functions from 'us-west-1' are not reachable in this region ('us-east-1')"},
		{"invoke with bytes that are no JSON", recorded, b.invoking("there", "\x99\xf8", ""), "InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]"},
		{"invoke with too much", capture, b.invoking("there", strings.Repeat(" ", 6991583), ""), "RequestEntityTooLargeException: 6991583 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"},
		{"queue too much", capture, b.invoking("there", strings.Repeat(" ", 1048577), types.InvocationTypeEvent), "RequestEntityTooLargeException: 1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"},
	}
	for _, c := range cases {
		t.Run(c.question, func(t *testing.T) {
			if got := codeAndText(c.call(asCaller)); got != c.want {
				t.Errorf("source: %s\n got %s\nwant %s", c.source, got, c.want)
			}
		})
	}
}

const staleRevision = "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. " +
	"Call the GetFunction/GetAlias API to retrieve the latest Revision Id"

type call = func(context.Context) error

func (b *bench) creating(change func(*sdk.CreateFunctionInput)) call {
	return func(ctx context.Context) error {
		_, err := b.CreateFunction(ctx, newFunction("new", change))
		return err
	}
}

// bomb is a package that says it is one byte too large.
func bomb() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_, err := w.CreateRaw(&zip.FileHeader{Name: "zeros", UncompressedSize64: maxUnzipped + 1})
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// linking is a package that is one symbolic link.
func linking(name, target string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: name}
	h.SetMode(fs.ModeSymlink | 0o777)
	f, err := w.CreateHeader(h)
	if err == nil {
		_, err = f.Write([]byte(target))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// broken is a package whose file does not have its checksum.
func broken() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "f", CRC32: 1, UncompressedSize64: 2, CompressedSize64: 2})
	if err == nil {
		_, err = f.Write([]byte("ab"))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func named(name string) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) { in.FunctionName = &name }
}

func zipFile(zip []byte) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{ZipFile: zip} }
}

func variable(pairs ...string) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{}}
		for pair := range slices.Chunk(pairs, 2) {
			in.Environment.Variables[pair[0]] = pair[1]
		}
	}
}

func manyTags(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[strings.Repeat("k", i+1)] = "v"
	}
	return tags
}

func (b *bench) getting(name, qualifier string) call {
	return func(ctx context.Context) error {
		in := &sdk.GetFunctionInput{FunctionName: &name}
		if qualifier != "" {
			in.Qualifier = &qualifier
		}
		_, err := b.GetFunction(ctx, in)
		return err
	}
}

func (b *bench) deleting(name string) call {
	return func(ctx context.Context) error {
		_, err := b.DeleteFunction(ctx, &sdk.DeleteFunctionInput{FunctionName: &name})
		return err
	}
}

func (b *bench) publishing(change func(*sdk.PublishVersionInput)) call {
	return func(ctx context.Context) error {
		in := &sdk.PublishVersionInput{FunctionName: aws.String("there")}
		change(in)
		_, err := b.PublishVersion(ctx, in)
		return err
	}
}

func (b *bench) aliasing(name, version string, weights map[string]float64) call {
	return func(ctx context.Context) error {
		_, err := b.CreateAlias(ctx, &sdk.CreateAliasInput{
			FunctionName: aws.String("there"), Name: &name, FunctionVersion: &version,
			RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
		})
		return err
	}
}

func (b *bench) permitting(change func(*sdk.AddPermissionInput)) call {
	return func(ctx context.Context) error {
		in := &sdk.AddPermissionInput{
			FunctionName: aws.String("there"), StatementId: aws.String("s3"),
			Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("s3.amazonaws.com"),
		}
		change(in)
		_, err := b.AddPermission(ctx, in)
		return err
	}
}

func (b *bench) unpermitting(name, sid string) call {
	return func(ctx context.Context) error {
		_, err := b.RemovePermission(ctx, &sdk.RemovePermissionInput{FunctionName: &name, StatementId: &sid})
		return err
	}
}

func (b *bench) tagging(arn, key string) call {
	return func(ctx context.Context) error {
		in := &sdk.TagResourceInput{Resource: &arn, Tags: map[string]string{}}
		if key != "" {
			in.Tags[key] = "v"
		}
		_, err := b.TagResource(ctx, in)
		return err
	}
}

func (b *bench) invoking(name, payload string, how types.InvocationType) call {
	return func(ctx context.Context) error {
		_, err := b.InvokeFunction(ctx, &sdk.InvokeInput{FunctionName: &name, Payload: []byte(payload), InvocationType: how})
		return err
	}
}
