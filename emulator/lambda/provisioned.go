package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// A provisioned is how many sandboxes of a version or alias are kept ready.
type provisioned struct {
	Requested    int32
	LastModified string
}

var (
	provisions = store.Kind[provisioned]{Service: "lambda", Name: "provisioned"} // id: aliasID
	// provisionedRefs are those of all accounts, in eventScope, so that a start finds them. The id is the ARN.
	provisionedRefs = store.Kind[ref]{Service: "lambda", Name: "provisionedref"}
)

// provisionedRef is what an operation means by a function and a qualifier.
func provisionedRef(ctx context.Context, action string, name, qualifier *string) (ref, error) {
	r, err := readRef(ctx, action, name, qualifier)
	switch {
	case err != nil:
	case r.Qualifier == latest && action == putProvisioned:
		err = unpublished()
	case r.Qualifier == "" || r.Qualifier == latest:
		err = invalid("The function resource provided must be an alias or a published version.")
	}
	return r, err
}

// findProvisionable is findVersion with another text for an alias that is not there, or not the function's (recorded).
func findProvisionable(tx *store.Tx, r ref) (record, error) {
	rec, err := findVersion(tx, r)
	if isMissing(err) && !isNumber(r.Qualifier) {
		err = aliasNotFound(r)
	}
	return rec, err
}

func unpublished() error {
	return invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
}

const putProvisioned = "lambda:PutProvisionedConcurrencyConfig"

// PutProvisionedConcurrencyConfig keeps sandboxes of a version or alias ready. They are started when it has
// returned.
func (s *Service) PutProvisionedConcurrencyConfig(ctx context.Context, in *sdk.PutProvisionedConcurrencyConfigInput) (*sdk.PutProvisionedConcurrencyConfigOutput, error) {
	r, err := provisionedRef(ctx, putProvisioned, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var v violations
	v.between("provisionedConcurrentExecutions", in.ProvisionedConcurrentExecutions, 1, 1<<31-1)
	if err := v.err(); err != nil {
		return nil, err
	}
	var p provisioned
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if err := checkProvisioned(tx, r, *in.ProvisionedConcurrentExecutions); err != nil {
			return err
		}
		p = provisioned{Requested: *in.ProvisionedConcurrentExecutions, LastModified: tx.Now().Format("2006-01-02T15:04:05+0000")}
		err := provisions.Put(tx, store.Document[provisioned]{ID: aliasID(r.Name, r.Qualifier), Name: r.Qualifier, Parent: parent(r.Name), Value: p})
		if err != nil {
			return err
		}
		return provisionedRefs.Put(tx.In(eventScope), store.Document[ref]{ID: r.arn(), Value: r})
	})
	if err != nil {
		return nil, err
	}
	s.provision(ctx, r)
	return &sdk.PutProvisionedConcurrencyConfigOutput{
		RequestedProvisionedConcurrentExecutions: &p.Requested, AllocatedProvisionedConcurrentExecutions: aws.Int32(0),
		AvailableProvisionedConcurrentExecutions: aws.Int32(0), Status: types.ProvisionedConcurrencyStatusEnumInProgress, LastModified: &p.LastModified,
	}, nil
}

// checkProvisioned refuses what an alias and its version cannot both have, and more than what is reserved.
func checkProvisioned(tx *store.Tx, r ref, n int32) error {
	rec, err := findProvisionable(tx, r)
	if err != nil {
		return err
	}
	fn, err := findFunction(tx, r)
	if err != nil {
		return err
	}
	if reserved := fn.Value.Reserved; reserved != nil && n > *reserved {
		return invalid("Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function")
	}
	version := aws.ToString(rec.Config.Version)
	if version == latest {
		return unpublished()
	}
	if !isNumber(r.Qualifier) {
		if _, err := provisions.Get(tx, aliasID(r.Name, version)); err == nil {
			return conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version")
		}
		return nil
	}
	users, err := aliasesOf(tx, r.Name, version)
	for _, alias := range users {
		if _, err := provisions.Get(tx, aliasID(r.Name, alias)); err == nil {
			return conflict("Version is pointed by a Provisioned Concurrency alias")
		}
	}
	return err
}

// provision tells the pool what a version or alias is to have now; nothing where it has no configuration.
// Whoever called goes on without waiting for sandboxes.
func (s *Service) provision(ctx context.Context, r ref) {
	fn, p, err := s.readProvision(context.WithoutCancel(ctx), r)
	switch {
	case err == nil:
		s.Pool.Provision(fn, int(p.Requested))
	case !errors.Is(err, store.ErrNotFound):
		s.Logger.Warn("provisioned concurrency is not there", "function", r.arn(), "error", err)
	}
}

func (s *Service) readProvision(ctx context.Context, r ref) (*lambdarunner.Function, provisioned, error) {
	var rec record
	var p provisioned
	err := s.Store.View(ctx, r.Scope, func(tx *store.Tx) (err error) {
		d, err := provisions.Get(tx, aliasID(r.Name, r.Qualifier))
		if err != nil {
			return err
		}
		p = d.Value
		rec, err = findVersion(tx, r)
		return err
	})
	if err != nil {
		return nil, p, err
	}
	fn, err := s.runnable(ctx, r, rec)
	return fn, p, err
}

// unprovision ends what r's configuration kept ready, before r means another version or none.
func (s *Service) unprovision(ctx context.Context, r ref) {
	if fn, _, err := s.readProvision(context.WithoutCancel(ctx), r); err == nil {
		s.Pool.Provision(fn, 0)
	}
}

// restoreProvisions keeps ready what a former program did.
func (s *Service) restoreProvisions(ctx context.Context) {
	var all []ref
	err := s.Store.View(ctx, eventScope, func(tx *store.Tx) error {
		page, err := provisionedRefs.List(tx, store.Query{})
		for _, d := range page.Documents {
			all = append(all, d.Value)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("read provisioned concurrency left by an earlier run", "err", err)
	}
	for _, r := range all {
		if ctx.Err() == nil {
			s.provision(ctx, r)
		}
	}
}

// state is a configuration as it is shown.
func (s *Service) state(ctx context.Context, r ref) (types.ProvisionedConcurrencyConfigListItem, error) {
	fn, p, err := s.readProvision(ctx, r)
	if errors.Is(err, store.ErrNotFound) {
		return types.ProvisionedConcurrencyConfigListItem{}, &types.ProvisionedConcurrencyConfigNotFoundException{
			Message: aws.String("No Provisioned Concurrency Config found for this function"), Type: byUser,
		}
	}
	if err != nil {
		return types.ProvisionedConcurrencyConfigListItem{}, err
	}
	live, failed := s.Pool.Provisioned(fn)
	out := types.ProvisionedConcurrencyConfigListItem{
		FunctionArn: aws.String(r.arn()), LastModified: &p.LastModified, RequestedProvisionedConcurrentExecutions: &p.Requested,
		AllocatedProvisionedConcurrentExecutions: aws.Int32(int32(live)), AvailableProvisionedConcurrentExecutions: aws.Int32(int32(live)),
		Status: types.ProvisionedConcurrencyStatusEnumReady,
	}
	switch {
	case live >= int(p.Requested):
	case failed != nil:
		out.Status, out.StatusReason = types.ProvisionedConcurrencyStatusEnumFailed, aws.String("FUNCTION_ERROR_INIT_FAILURE")
	default:
		out.Status = types.ProvisionedConcurrencyStatusEnumInProgress
	}
	return out, nil
}

// provisionable says why there is nothing that r's configuration could be of.
func (s *Service) provisionable(ctx context.Context, r ref) error {
	return s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		_, err := findProvisionable(tx, r)
		return err
	})
}

// GetProvisionedConcurrencyConfig reads what a version or alias is to have, and has.
func (s *Service) GetProvisionedConcurrencyConfig(ctx context.Context, in *sdk.GetProvisionedConcurrencyConfigInput) (*sdk.GetProvisionedConcurrencyConfigOutput, error) {
	r, err := provisionedRef(ctx, "lambda:GetProvisionedConcurrencyConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := s.provisionable(ctx, r); err != nil {
		return nil, err
	}
	item, err := s.state(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetProvisionedConcurrencyConfigOutput](item), nil
}

// DeleteProvisionedConcurrencyConfig ends it; there need not be any.
func (s *Service) DeleteProvisionedConcurrencyConfig(ctx context.Context, in *sdk.DeleteProvisionedConcurrencyConfigInput) (*sdk.DeleteProvisionedConcurrencyConfigOutput, error) {
	r, err := provisionedRef(ctx, "lambda:DeleteProvisionedConcurrencyConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := s.provisionable(ctx, r); err != nil {
		return nil, err
	}
	s.unprovision(ctx, r)
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error { return dropProvision(tx, r) })
	return &sdk.DeleteProvisionedConcurrencyConfigOutput{}, err
}

// dropProvision deletes the configuration of what r names; there need not be any.
func dropProvision(tx *store.Tx, r ref) error {
	err := provisions.Delete(tx, aliasID(r.Name, r.Qualifier))
	if err == nil {
		err = provisionedRefs.Delete(tx.In(eventScope), r.arn())
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// ListProvisionedConcurrencyConfigs lists those of a function's versions and aliases.
func (s *Service) ListProvisionedConcurrencyConfigs(ctx context.Context, in *sdk.ListProvisionedConcurrencyConfigsInput) (*sdk.ListProvisionedConcurrencyConfigsOutput, error) {
	r, err := writeRef(ctx, "lambda:ListProvisionedConcurrencyConfigs", in.FunctionName)
	if err != nil {
		return nil, err
	}
	limit, err := shortPageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	var qualifiers []string
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findFunction(tx, r); err != nil {
			return err
		}
		p, err := provisions.List(tx, store.Query{Parent: parent(r.Name), Order: store.ByName})
		for _, d := range p.Documents {
			qualifiers = append(qualifiers, d.Name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	names, next := page(qualifiers, limit, aws.ToString(in.Marker), func(q string) string { return q })
	out := &sdk.ListProvisionedConcurrencyConfigsOutput{ProvisionedConcurrencyConfigs: []types.ProvisionedConcurrencyConfigListItem{}, NextMarker: next}
	for _, q := range names {
		item, err := s.state(ctx, r.at(q))
		if err != nil {
			return nil, err
		}
		out.ProvisionedConcurrencyConfigs = append(out.ProvisionedConcurrencyConfigs, item)
	}
	return out, nil
}

// dropProvisions is dropProvision for all of a function.
func dropProvisions(tx *store.Tx, r ref) error {
	p, err := provisions.List(tx, store.Query{Parent: parent(r.Name)})
	for _, d := range p.Documents {
		err = errors.Join(err, dropProvision(tx, r.at(d.Name)))
	}
	return err
}
