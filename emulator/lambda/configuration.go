package lambda

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

const (
	defaultMemory    = 128
	defaultTimeout   = 3
	defaultEphemeral = 512

	maxMemory      = 10240
	maxModelMemory = 32768 // of functions on managed instances
	maxTimeout     = 900
	maxEphemeral   = 10240
)

// GetFunctionConfiguration is GetFunction without code and tags.
func (s *Service) GetFunctionConfiguration(ctx context.Context, in *sdk.GetFunctionConfigurationInput) (*sdk.GetFunctionConfigurationOutput, error) {
	r, err := readRef(ctx, "lambda:GetFunctionConfiguration", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var rec record
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) (err error) {
		rec, err = findVersion(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetFunctionConfigurationOutput](rec.Config), nil
}

// UpdateFunctionConfiguration changes what the input has of $LATEST's settings.
func (s *Service) UpdateFunctionConfiguration(ctx context.Context, in *sdk.UpdateFunctionConfigurationInput) (*sdk.UpdateFunctionConfigurationOutput, error) {
	r, err := writeRef(ctx, "lambda:UpdateFunctionConfiguration", in.FunctionName)
	if err != nil {
		return nil, err
	}
	set := settingsOfUpdate(in)
	if err := set.check(); err != nil {
		return nil, err
	}
	var out types.FunctionConfiguration
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		if err := checkRevision(in.RevisionId, d.Value.Config.RevisionId); err != nil {
			return err
		}
		if err := d.Value.changeable(); err != nil {
			return err
		}
		if err := set.checkPackaged(d.Value.Config.PackageType); err != nil {
			return err
		}
		former := d.Value.record
		if err := updateDurable(&d.Value.Config, set.Durable); err != nil {
			return err
		}
		set.apply(&d.Value.Config)
		if err := checkSnapStart(d.Value.Config); err != nil {
			return err
		}
		if set.Layers != nil {
			if err := s.verify(tx, d.Value.CodeSigning, set.Layers...); err != nil {
				return err
			}
			if err := s.attach(tx, r, &d.Value.record, set.Layers); err != nil {
				return err
			}
		}
		d.Value.Config.RuntimeVersionConfig = runtimeVersion(r.Region, d.Value.Config.Runtime)
		d.Value.touch(tx)
		out = updating(d.Value.Config, tx.UUID())
		if err := functions.Put(tx, d); err != nil {
			return err
		}
		return exchange(tx, former, d.Value.record)
	})
	if err != nil {
		return nil, err
	}
	s.redeployed(r.at(latest))
	return answer[sdk.UpdateFunctionConfigurationOutput](out), nil
}

// touch gives the record the marks of a change of code or configuration.
func (r *record) touch(tx *store.Tx) {
	r.Config.LastModified = lastModified(tx.Now())
	r.Config.RevisionId = aws.String(tx.UUID())
	r.Deployment = tx.UUID()
}

// settings are what CreateFunction and UpdateFunctionConfiguration may set; nil
// or empty is not sent.
type settings struct {
	DeadLetterConfig *types.DeadLetterConfig
	Description      *string
	Durable          *types.DurableConfig
	Environment      *types.Environment
	EphemeralStorage *types.EphemeralStorage
	Handler          *string
	ImageConfig      *types.ImageConfig
	KMSKey           *string
	Layers           []string // nil is not sent
	LoggingConfig    *types.LoggingConfig
	MemorySize       *int32
	Role             *string
	Runtime          types.Runtime
	SnapStart        *types.SnapStart
	Timeout          *int32
	TracingConfig    *types.TracingConfig
	VPC              *types.VpcConfig

	unsupported features
}

func settingsOfCreate(in *sdk.CreateFunctionInput) settings {
	return settings{
		DeadLetterConfig: in.DeadLetterConfig, Description: in.Description, Durable: in.DurableConfig, Environment: in.Environment, EphemeralStorage: in.EphemeralStorage,
		Handler: in.Handler, ImageConfig: in.ImageConfig, KMSKey: in.KMSKeyArn, Layers: in.Layers, LoggingConfig: in.LoggingConfig, MemorySize: in.MemorySize, Role: in.Role,
		Runtime: in.Runtime, SnapStart: in.SnapStart, Timeout: in.Timeout, TracingConfig: in.TracingConfig, VPC: in.VpcConfig,
		unsupported: featuresOfCreate(in),
	}
}

func settingsOfUpdate(in *sdk.UpdateFunctionConfigurationInput) settings {
	return settings{
		DeadLetterConfig: in.DeadLetterConfig, Description: in.Description, Durable: in.DurableConfig, Environment: in.Environment, EphemeralStorage: in.EphemeralStorage,
		Handler: in.Handler, ImageConfig: in.ImageConfig, KMSKey: in.KMSKeyArn, Layers: in.Layers, LoggingConfig: in.LoggingConfig, MemorySize: in.MemorySize, Role: in.Role,
		Runtime: in.Runtime, SnapStart: in.SnapStart, Timeout: in.Timeout, TracingConfig: in.TracingConfig, VPC: in.VpcConfig,
		unsupported: featuresOfUpdate(in),
	}
}

// check is every test that needs no stored function.
func (s settings) check() error {
	var v violations
	v.check("role", s.Role, rolePattern, 0)
	v.check("handler", s.Handler, handlerPattern, 128)
	v.length("description", s.Description, maxDescription)
	v.between("timeout", s.Timeout, 1, maxTimeout)
	v.between("memorySize", s.MemorySize, 128, maxModelMemory)
	v.checkVariableNames(s.Environment)
	v.checkLayers(s.Layers)
	v.checkImageConfig(s.ImageConfig)
	v.checkDurable(s.Durable)
	v.checkVPC(s.VPC)
	v.check("kmsKeyArn", s.KMSKey, keyPattern, 0)
	if s.SnapStart != nil && s.SnapStart.ApplyOn != "" && !slices.Contains(s.SnapStart.ApplyOn.Values(), s.SnapStart.ApplyOn) {
		v.Add("snapStart.applyOn", string(s.SnapStart.ApplyOn), "Member must satisfy enum value set: [PublishedVersions, None]")
	}
	if s.EphemeralStorage != nil {
		v.between("ephemeralStorage.size", s.EphemeralStorage.Size, 512, maxEphemeral)
	}
	if s.LoggingConfig != nil {
		v.check("loggingConfig.logGroup", s.LoggingConfig.LogGroup, logGroupPattern, 512)
	}
	if s.DeadLetterConfig != nil && aws.ToString(s.DeadLetterConfig.TargetArn) != "" {
		v.check("deadLetterConfig.targetArn", s.DeadLetterConfig.TargetArn, deadLetterPattern, 0)
	}
	if err := v.err(); err != nil {
		return err
	}
	if m := aws.ToInt32(s.MemorySize); m > maxMemory {
		return invalid("'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to %d", maxMemory)
	}
	if s.Runtime != "" {
		if err := checkRuntime(s.Runtime); err != nil {
			return err
		}
	}
	if err := checkEnvironment(s.Environment); err != nil {
		return err
	}
	if err := checkLogging(s.LoggingConfig); err != nil {
		return err
	}
	return cmp.Or(checkVPC(s.VPC), s.unsupported.check())
}

func checkLogging(l *types.LoggingConfig) error {
	if l == nil || l.LogFormat == types.LogFormatJson {
		return nil
	}
	if l.ApplicationLogLevel != "" || l.SystemLogLevel != "" {
		return invalid("ApplicationLogLevel and SystemLogLevel can be set only with LogFormat JSON.")
	}
	return nil
}

// apply puts what was sent into c.
func (s settings) apply(c *types.FunctionConfiguration) {
	if s.DeadLetterConfig != nil {
		if c.DeadLetterConfig = s.DeadLetterConfig; aws.ToString(s.DeadLetterConfig.TargetArn) == "" {
			c.DeadLetterConfig = nil
		}
	}
	set(&c.Description, s.Description)
	set(&c.EphemeralStorage, s.EphemeralStorage)
	set(&c.Handler, s.Handler)
	set(&c.MemorySize, s.MemorySize)
	set(&c.Role, s.Role)
	set(&c.Timeout, s.Timeout)
	if s.Environment != nil {
		c.Environment = &types.EnvironmentResponse{Variables: s.Environment.Variables}
		if c.Environment.Variables == nil {
			c.Environment.Variables = map[string]string{}
		}
	}
	if s.Runtime != "" {
		c.Runtime = s.Runtime
	}
	if s.ImageConfig != nil {
		c.ImageConfigResponse = nil
		if own := imageConfig(s.ImageConfig); own != nil {
			c.ImageConfigResponse = &types.ImageConfigResponse{ImageConfig: own}
		}
	}
	if s.KMSKey != nil {
		if c.KMSKeyArn = s.KMSKey; *s.KMSKey == "" {
			c.KMSKeyArn = nil
		}
	}
	if s.SnapStart != nil && s.SnapStart.ApplyOn != "" {
		c.SnapStart = &types.SnapStartResponse{ApplyOn: s.SnapStart.ApplyOn, OptimizationStatus: types.SnapStartOptimizationStatusOff}
	}
	if s.VPC != nil && (len(s.VPC.SubnetIds) > 0 || c.VpcConfig != nil) {
		c.VpcConfig = vpcOf(*s.VPC, aws.ToString(c.FunctionArn))
	}
	if s.TracingConfig != nil && s.TracingConfig.Mode != "" {
		c.TracingConfig = &types.TracingConfigResponse{Mode: s.TracingConfig.Mode}
	}
	if s.LoggingConfig != nil {
		c.LoggingConfig = logging(*s.LoggingConfig, aws.ToString(c.FunctionName))
	}
}

func set[T any](to **T, sent *T) {
	if sent != nil {
		*to = sent
	}
}

// logging fills the defaults of a function's LoggingConfig.
func logging(l types.LoggingConfig, name string) *types.LoggingConfig {
	if aws.ToString(l.LogGroup) == "" {
		l.LogGroup = aws.String("/aws/lambda/" + name)
	}
	if l.LogFormat == "" {
		l.LogFormat = types.LogFormatText
	}
	if l.LogFormat == types.LogFormatJson {
		if l.ApplicationLogLevel == "" {
			l.ApplicationLogLevel = types.ApplicationLogLevelInfo
		}
		if l.SystemLogLevel == "" {
			l.SystemLogLevel = types.SystemLogLevelInfo
		}
	}
	return &l
}

// checkArchitectures is the model's constraint on a list of one.
func checkArchitectures(a []types.Architecture) error {
	var v violations
	if len(a) > 1 {
		v.Add("architectures", spell(a), "Member must have length less than or equal to 1")
	}
	return v.err()
}
