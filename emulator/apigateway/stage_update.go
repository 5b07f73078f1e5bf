package apigateway

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A stageEdit is a stage while it is changed, and where to look up what it names.
type stageEdit struct {
	*types.Stage
	tx  *store.Tx
	api string
}

var stagePatches = patchTable[stageEdit]{
	rules: append([]rule[stageEdit]{
		{types.OpReplace, "/description", setText(func(e *stageEdit) **string { return &e.Description })},
		{types.OpReplace, "/deploymentId", setDeployment},
		{types.OpReplace, "/cacheClusterEnabled", func(e *stageEdit, c change) error { enableCache(e.Stage, c.flag()); return nil }},
		{types.OpReplace, "/cacheClusterSize", setCacheSize},
		{types.OpReplace, "/clientCertificateId", setCertificate},
		{types.OpReplace, "/tracingEnabled", setFlag(func(e *stageEdit) *bool { return &e.TracingEnabled })},
		{types.OpReplace, "/documentationVersion", setDocumentation},
		{types.OpAdd, "/variables/{name}", setStageVariable},
		{types.OpReplace, "/variables/{name}", setStageVariable},
		{types.OpRemove, "/variables/{name}", func(e *stageEdit, c change) error { delete(e.Variables, c.args[0]); return nil }},
		{types.OpRemove, "/variables", func(e *stageEdit, _ change) error { e.Variables = nil; return nil }},
		{types.OpCopy, "/deploymentId", copyDeployment},
		{types.OpCopy, "/variables", copyVariables},
		{types.OpAdd, "/accessLogSettings/{member}", setAccessLog},
		{types.OpReplace, "/accessLogSettings/{member}", setAccessLog},
		{types.OpRemove, "/accessLogSettings/destinationArn", removeAccessLog(func(l *types.AccessLogSettings) **string { return &l.DestinationArn })},
		{types.OpRemove, "/accessLogSettings/format", removeAccessLog(func(l *types.AccessLogSettings) **string { return &l.Format })},
		{types.OpRemove, "/accessLogSettings", func(e *stageEdit, _ change) error { e.AccessLogSettings = nil; return nil }},
		{types.OpReplace, "/canarySettings/percentTraffic", setPercent},
		{types.OpReplace, "/canarySettings/deploymentId", setCanaryDeployment},
		{types.OpReplace, "/canarySettings/useStageCache", func(e *stageEdit, c change) error { e.canary().UseStageCache = c.flag(); return nil }},
		{types.OpAdd, "/canarySettings/stageVariableOverrides/{name}", setOverride},
		{types.OpReplace, "/canarySettings/stageVariableOverrides/{name}", setOverride},
		{types.OpRemove, "/canarySettings/stageVariableOverrides/{name}", removeOverride},
		{types.OpRemove, "/canarySettings", func(e *stageEdit, _ change) error { e.CanarySettings = nil; return nil }},
		{types.OpRemove, "/{resource}/{verb}", removeSetting},
	}, settingRules()...),
	unknown: noStagePath,
}

// UpdateStage changes a stage and what it serves.
func (s *Service) UpdateStage(ctx context.Context, in *sdk.UpdateStageInput) (*sdk.UpdateStageOutput, error) {
	var stage types.Stage
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getStage(tx, in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		edit := stageEdit{&d.Value, tx, *in.RestApiId}
		if err := stagePatches.apply(&edit, in.PatchOperations); err != nil {
			return err
		}
		d.Value.LastUpdatedDate = aws.Time(tx.Now().Truncate(time.Second))
		stage = d.Value
		return stages.Put(tx, d)
	})
	if err == nil {
		s.live.Changed(ctx, *in.RestApiId, *in.StageName)
	}
	return wire.Answer[sdk.UpdateStageOutput](describeStage(stage), err)
}

func setDeployment(e *stageEdit, c change) error {
	e.DeploymentId = aws.String(c.text())
	return hasDeployment(e.tx, e.api, e.DeploymentId)
}

func setCacheSize(e *stageEdit, c change) error {
	e.CacheClusterSize = types.CacheClusterSize(c.text())
	if !valid(e.CacheClusterSize, e.CacheClusterSize.Values()) {
		return badRequest("Invalid cache cluster size specified: %s", c.text())
	}
	return nil
}

// setCertificate sets the client certificate; an empty one takes it away.
func setCertificate(e *stageEdit, c change) error {
	e.ClientCertificateId = nil
	if c.text() == "" {
		return nil
	}
	e.ClientCertificateId = c.value
	if _, err := clientCertificates.Get(e.tx, c.text()); errors.Is(err, store.ErrNotFound) {
		return badRequest("Invalid client certificate identifier specified")
	} else if err != nil {
		return err
	}
	return nil
}

func setDocumentation(e *stageEdit, c change) error {
	e.DocumentationVersion = nil
	if c.text() != "" {
		e.DocumentationVersion = c.value
	}
	return hasDocumentation(e.tx, e.api, c.value)
}

func setStageVariable(e *stageEdit, c change) error {
	setVariable(e.Stage, c.args[0], c.text())
	return CheckVariables(e.Variables)
}

// setAccessLog sets one of the two members; a destination in CloudWatch Logs needs
// the account's role.
func setAccessLog(e *stageEdit, c change) error {
	settings := types.AccessLogSettings{}
	if e.AccessLogSettings != nil {
		settings = *e.AccessLogSettings
	}
	e.AccessLogSettings = &settings
	switch c.args[0] {
	case "destinationArn":
		settings.DestinationArn = c.value
	case "format":
		settings.Format = c.value
	default:
		return badRequest("Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]")
	}
	switch {
	case c.text() == "":
		return badRequest("Access Log value must not be empty")
	case c.args[0] == "format":
		return CheckLogFormat(c.text())
	}
	return checkLogDestination(e.tx, c.text())
}

// removeAccessLog removes one of the two members; without the second one nothing is left.
func removeAccessLog(member func(*types.AccessLogSettings) **string) func(*stageEdit, change) error {
	return func(e *stageEdit, _ change) error {
		if e.AccessLogSettings == nil {
			return nil
		}
		settings := *e.AccessLogSettings
		*member(&settings) = nil
		e.AccessLogSettings = &settings
		if settings.DestinationArn == nil && settings.Format == nil {
			e.AccessLogSettings = nil
		}
		return nil
	}
}

var (
	logGroupARN = lazyregexp.New(`^arn:[^:]+:logs:[^:]+:\d{12}:log-group:\S+$`)
	firehoseARN = lazyregexp.New(`^arn:[^:]+:firehose:[^:]+:\d{12}:deliverystream/(\S+)$`)
)

// IsLogGroup tells the ARNs of log groups.
func IsLogGroup(arn string) bool { return logGroupARN.MatchString(arn) }

func checkLogDestination(tx *store.Tx, arn string) error {
	if IsLogGroup(arn) {
		return CanLog(tx)
	}
	m := firehoseARN.FindStringSubmatch(arn)
	switch {
	case m == nil:
		return badRequest("The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream")
	case !strings.HasPrefix(m[1], "amazon-apigateway-"):
		return badRequest("Kinesis Firehose delivery stream name must begin with the characters 'amazon-apigateway-'")
	}
	return nil
}

// maxLogFormat is the quota "Access log template" of a stage.
const maxLogFormat = 3 << 10

var identified = lazyregexp.New(`\$(\{context\.(requestId|extendedRequestId)\}|context\.(requestId|extendedRequestId)\b)`)

// CheckLogFormat refuses what an access log cannot have. (Texts: cdk-preflight's rules, which were
// measured; cloud-platform-environments pull request 12962. That of a format too long is not known.)
func CheckLogFormat(format string) error {
	line := strings.TrimSuffix(strings.TrimSuffix(format, "\n"), "\r")
	switch {
	case strings.ContainsAny(line, "\r\n"):
		return badRequest("Access Log format must be single line, new line character is allowed only at end of the format: '%s'", format)
	case !identified.MatchString(format):
		return badRequest("Access Log format must include either $context.requestId or $context.extendedRequestId : '%s'", format)
	case len(format) > maxLogFormat:
		return badRequest("Access Log format must be at most %d bytes long", maxLogFormat)
	}
	return nil
}

// CanLog requires the role with which API Gateway writes logs.
func CanLog(tx *store.Tx) error {
	a, err := getAccount(tx)
	if err == nil && a.CloudwatchRoleArn == nil {
		return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return err
}
