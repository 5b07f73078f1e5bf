package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// CreateFunction makes a function. The answer shows it Pending; it is Active for
// whoever asks next, because its code is unpacked before it is answered.
func (s *Service) CreateFunction(ctx context.Context, in *sdk.CreateFunctionInput) (*sdk.CreateFunctionOutput, error) {
	r, err := newRef(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	set := settingsOfCreate(in)
	if err := checkNew(in, set); err != nil {
		return nil, err
	}
	durable, err := newDurable(in.DurableConfig)
	if err != nil {
		return nil, err
	}
	pkg, err := s.codeOf(ctx, in)
	if err != nil {
		return nil, err
	}
	var out types.FunctionConfiguration
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		fn := function{record: newRecord(tx, r, set, in.Architectures, pkg), Tags: in.Tags}
		fn.Config.DurableConfig = durable
		if err := checkSnapStart(fn.Config); err != nil {
			return err
		}
		if err := s.attach(tx, r, &fn.record, set.Layers); err != nil {
			return err
		}
		if err := pkg.awaiting(tx, r, &fn.record, record{}); err != nil {
			return err
		}
		fn.CodeSigning = aws.ToString(in.CodeSigningConfigArn)
		if err := s.verify(tx, fn.CodeSigning, append([]string{r.function()}, set.Layers...)...); err != nil {
			return err
		}
		if err := insertFunction(tx, fn, pkg); err != nil {
			return err
		}
		made := fn.record
		if in.Publish {
			if made, err = publish(tx, r, nil); err != nil {
				return err
			}
			made.Config.FunctionArn = aws.String(r.function()) // recorded: not the version's
		}
		if out = made.Config; !s.SynchronousCreate {
			out = creating(out, tx.UUID())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	s.fetchSoon(r, pkg)
	return answer[sdk.CreateFunctionOutput](out), nil
}

// codeOf is the code of a new function.
func (s *Service) codeOf(ctx context.Context, in *sdk.CreateFunctionInput) (codePackage, error) {
	if in.PackageType != types.PackageTypeImage {
		return s.packageOf(ctx, in.Code)
	}
	pkg, err := s.newImage(ctx, in)
	if err == nil && pkg.missing() && s.SynchronousCreate {
		return s.fetchNow(ctx, pkg, in.Architectures)
	}
	return pkg, err
}

// checkNew is every test of a new function that needs no stored one.
func checkNew(in *sdk.CreateFunctionInput, set settings) error {
	if err := set.check(); err != nil {
		return err
	}
	if err := set.checkPackaged(in.PackageType); err != nil {
		return err
	}
	if in.PackageType != types.PackageTypeImage && (in.Runtime == "" || aws.ToString(in.Handler) == "") {
		return invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	if err := checkArchitectures(in.Architectures); err != nil {
		return err
	}
	if aws.ToString(in.CodeSigningConfigArn) != "" {
		if in.PackageType == types.PackageTypeImage {
			return signedImage()
		}
		if err := checkSigningConfigARN(in.CodeSigningConfigArn); err != nil {
			return err
		}
	}
	return checkTags(in.Tags)
}

func newRecord(tx *store.Tx, r ref, set settings, architectures []types.Architecture, pkg codePackage) record {
	rec := record{Config: types.FunctionConfiguration{
		FunctionName:     aws.String(r.Name),
		FunctionArn:      aws.String(r.function()),
		Version:          aws.String(latest),
		Description:      aws.String(""),
		MemorySize:       aws.Int32(defaultMemory),
		Timeout:          aws.Int32(defaultTimeout),
		EphemeralStorage: &types.EphemeralStorage{Size: aws.Int32(defaultEphemeral)},
		Architectures:    []types.Architecture{types.ArchitectureX8664},
		PackageType:      types.PackageTypeZip,
		TracingConfig:    &types.TracingConfigResponse{Mode: types.TracingModePassThrough},
		SnapStart: &types.SnapStartResponse{
			ApplyOn: types.SnapStartApplyOnNone, OptimizationStatus: types.SnapStartOptimizationStatusOff,
		},
		LoggingConfig:    logging(types.LoggingConfig{}, r.Name),
		State:            types.StateActive,
		LastUpdateStatus: types.LastUpdateStatusSuccessful,
	}}
	if len(architectures) > 0 {
		rec.Config.Architectures = architectures
	}
	set.apply(&rec.Config)
	rec.Config.RuntimeVersionConfig = runtimeVersion(r.Region, rec.Config.Runtime)
	pkg.put(&rec)
	rec.touch(tx)
	return rec
}

func insertFunction(tx *store.Tx, fn function, pkg codePackage) error {
	name := aws.ToString(fn.Config.FunctionName)
	last, err := lastVersions.Get(tx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	fn.LastVersion = last.Value
	err = functions.Insert(tx, store.Document[function]{ID: name, Name: name, Value: fn})
	if errors.Is(err, store.ErrExists) {
		return conflict("Function already exist: %s", name)
	}
	if err != nil {
		return err
	}
	if err := pkg.keep(tx); err != nil {
		return err
	}
	return use(tx, fn.record, latest, *parent(name))
}

// GetFunction describes a version and says where its code can be fetched.
func (s *Service) GetFunction(ctx context.Context, in *sdk.GetFunctionInput) (*sdk.GetFunctionOutput, error) {
	r, err := readRef(ctx, "lambda:GetFunction", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var rec record
	var tags map[string]string
	var reserved *types.Concurrency
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if rec, err = findVersion(tx, r); err != nil {
			return err
		}
		fn, err := findFunction(tx, r)
		tags = fn.Value.Tags
		if n := fn.Value.Reserved; n != nil {
			reserved = &types.Concurrency{ReservedConcurrentExecutions: n}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sdk.GetFunctionOutput{
		Configuration: &rec.Config, Code: rec.location(wire.CallerFrom(ctx).Endpoint, r.Scope), Tags: tags, Concurrency: reserved,
	}, nil
}

// location says where a client finds the record's code.
func (r record) location(endpoint string, sc store.Scope) *types.FunctionCodeLocation {
	if r.Image != nil {
		return r.imageLocation()
	}
	return &types.FunctionCodeLocation{RepositoryType: aws.String("S3"), Location: aws.String(r.content().location(endpoint, sc))}
}

// DeleteFunction deletes a function with all that belongs to it, or one version.
func (s *Service) DeleteFunction(ctx context.Context, in *sdk.DeleteFunctionInput) (*sdk.DeleteFunctionOutput, error) {
	r, err := readRef(ctx, "lambda:DeleteFunction", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Qualifier == latest:
		return nil, invalid("$LATEST version cannot be deleted without deleting the function.")
	case r.Qualifier != "" && !isNumber(r.Qualifier):
		return nil, invalid("Deletion of aliases is not currently supported.")
	}
	var gone []string
	told := func() {}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if r.Qualifier != "" {
			return deleteVersion(tx, r)
		}
		if gone, err = dropURLs(tx, r); err != nil {
			return err
		}
		if told, err = s.durable.Drop(tx, r.Name); err != nil {
			return err
		}
		return deleteFunction(tx, r)
	})
	if err != nil {
		return nil, err
	}
	s.urlChanged(gone...)
	s.redeployed(r)
	told()
	return &sdk.DeleteFunctionOutput{StatusCode: 204}, nil
}

func deleteFunction(tx *store.Tx, r ref) error {
	d, err := findFunction(tx, r)
	if err != nil {
		return err
	}
	published, err := versions.List(tx, store.Query{Parent: parent(r.Name)})
	if err != nil {
		return err
	}
	digests := d.Value.digests()
	for _, v := range published.Documents {
		digests = append(digests, v.Value.digests()...)
	}
	if err := dropProvisions(tx, r); err != nil {
		return err
	}
	if err := functions.Delete(tx, r.Name); err != nil {
		return err
	}
	if last := d.Value.LastVersion; last > 0 {
		if err := lastVersions.Put(tx, store.Document[int]{ID: r.Name, Value: last}); err != nil {
			return err
		}
	}
	return sweep(tx, digests...)
}
