package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// A runtimeManagement says when a version of a function gets a newer runtime. There is one version of each runtime
// here, that of RuntimeVersionConfig, so that all modes come to the same.
type runtimeManagement struct {
	UpdateRuntimeOn types.UpdateRuntimeOn
	Version         string `json:",omitempty"` // ARN, of the mode Manual
}

var runtimeManagements = store.Kind[runtimeManagement]{Service: "lambda", Name: "runtimemanagement"} // id: policyID

var runtimeVersionPattern = newPattern(`arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}::runtime:.+`)

const maxRuntimeVersion = 2048

// managedRef is what an operation means by a function and a qualifier: $LATEST or a published version.
func managedRef(ctx context.Context, action string, name, qualifier *string) (ref, error) {
	r, err := readRef(ctx, action, name, qualifier)
	if err == nil && r.Qualifier != "" && r.Qualifier != latest && !isNumber(r.Qualifier) {
		err = invalid("The runtime management configuration is of $LATEST or of a published version, not of an alias: %s", r.arn())
	}
	return r, err
}

// PutRuntimeManagementConfig says when a version gets a newer runtime.
func (s *Service) PutRuntimeManagementConfig(ctx context.Context, in *sdk.PutRuntimeManagementConfigInput) (*sdk.PutRuntimeManagementConfigOutput, error) {
	r, err := managedRef(ctx, "lambda:PutRuntimeManagementConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	m := runtimeManagement{UpdateRuntimeOn: in.UpdateRuntimeOn, Version: aws.ToString(in.RuntimeVersionArn)}
	if err := m.check(); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		rec, err := findVersion(tx, r)
		if err != nil {
			return err
		}
		if c := rec.Config.RuntimeVersionConfig; m.Version != "" && (c == nil || aws.ToString(c.RuntimeVersionArn) != m.Version) {
			return notFound("Runtime version %s is not found for runtime %s.", m.Version, rec.Config.Runtime)
		}
		o, err := findOwner(tx, r, nil)
		if err != nil {
			return err
		}
		return runtimeManagements.Put(tx, store.Document[runtimeManagement]{ID: policyID(r), Parent: &o.ref, Value: m})
	})
	if err != nil {
		return nil, err
	}
	return &sdk.PutRuntimeManagementConfigOutput{
		FunctionArn: aws.String(r.arn()), UpdateRuntimeOn: m.UpdateRuntimeOn, RuntimeVersionArn: in.RuntimeVersionArn,
	}, nil
}

// check is every test that needs no stored function.
func (m runtimeManagement) check() error {
	var v violations
	if m.Version != "" {
		v.check("runtimeVersionArn", &m.Version, runtimeVersionPattern, maxRuntimeVersion)
	}
	if err := v.err(); err != nil {
		return err
	}
	switch manual := m.UpdateRuntimeOn == types.UpdateRuntimeOnManual; {
	case manual && m.Version == "":
		return invalid("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
	case !manual && m.Version != "":
		return invalid("RuntimeVersionArn can be specified only when UpdateRuntimeOn is Manual.")
	}
	return nil
}

// GetRuntimeManagementConfig reads what PutRuntimeManagementConfig said of a version, or AWS's default.
func (s *Service) GetRuntimeManagementConfig(ctx context.Context, in *sdk.GetRuntimeManagementConfigInput) (*sdk.GetRuntimeManagementConfigOutput, error) {
	r, err := managedRef(ctx, "lambda:GetRuntimeManagementConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetRuntimeManagementConfigOutput{FunctionArn: aws.String(r.arn()), UpdateRuntimeOn: types.UpdateRuntimeOnAuto}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findVersion(tx, r); err != nil {
			return err
		}
		d, err := runtimeManagements.Get(tx, policyID(r))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if out.UpdateRuntimeOn = d.Value.UpdateRuntimeOn; d.Value.Version != "" {
			out.RuntimeVersionArn = &d.Value.Version
		}
		return err
	})
	return out, err
}
