package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// CreateAlias names a version, and perhaps a second one that takes a share of
// the invocations.
func (s *Service) CreateAlias(ctx context.Context, in *sdk.CreateAliasInput) (*sdk.CreateAliasOutput, error) {
	r, err := aliasRef(ctx, "lambda:CreateAlias", in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	if err := checkAlias(in.Description, in.FunctionVersion, in.RoutingConfig); err != nil {
		return nil, err
	}
	a := types.AliasConfiguration{
		AliasArn: aws.String(r.arn()), Name: in.Name, Description: aws.String(aws.ToString(in.Description)),
		FunctionVersion: in.FunctionVersion, RoutingConfig: routing(in.RoutingConfig),
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if err := checkRouting(tx, r, a); err != nil {
			return err
		}
		a.RevisionId = aws.String(tx.UUID())
		err := aliases.Insert(tx, store.Document[types.AliasConfiguration]{
			ID: aliasID(r.Name, r.Qualifier), Name: r.Qualifier, Parent: parent(r.Name), Value: a,
		})
		if errors.Is(err, store.ErrExists) {
			return conflict("Alias already exists: %s", r.arn())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.CreateAliasOutput](a), nil
}

// GetAlias reads an alias.
func (s *Service) GetAlias(ctx context.Context, in *sdk.GetAliasInput) (*sdk.GetAliasOutput, error) {
	r, err := aliasRef(ctx, "lambda:GetAlias", in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	var a types.AliasConfiguration
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := aliases.Get(tx, aliasID(r.Name, r.Qualifier))
		if errors.Is(err, store.ErrNotFound) {
			return aliasNotFound(r)
		}
		a = d.Value
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetAliasOutput](a), nil
}

// UpdateAlias changes what the input has; an empty RoutingConfig ends routing.
func (s *Service) UpdateAlias(ctx context.Context, in *sdk.UpdateAliasInput) (*sdk.UpdateAliasOutput, error) {
	r, err := aliasRef(ctx, "lambda:UpdateAlias", in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	if err := checkAlias(in.Description, in.FunctionVersion, in.RoutingConfig); err != nil {
		return nil, err
	}
	s.unprovision(ctx, r)
	defer s.provision(ctx, r)
	var a types.AliasConfiguration
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := aliases.Get(tx, aliasID(r.Name, r.Qualifier))
		if errors.Is(err, store.ErrNotFound) {
			return notFound("Alias not found: %s", r.arn())
		}
		if err != nil {
			return err
		}
		if err := checkRevision(in.RevisionId, d.Value.RevisionId); err != nil {
			return err
		}
		set(&d.Value.Description, in.Description)
		set(&d.Value.FunctionVersion, in.FunctionVersion)
		if in.RoutingConfig != nil {
			d.Value.RoutingConfig = routing(in.RoutingConfig)
		}
		d.Value.RevisionId = aws.String(tx.UUID())
		a = d.Value
		if err := checkRouting(tx, r, a); err != nil {
			return err
		}
		return aliases.Put(tx, d)
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	return answer[sdk.UpdateAliasOutput](a), nil
}

// DeleteAlias deletes an alias; there need not be any (recorded).
func (s *Service) DeleteAlias(ctx context.Context, in *sdk.DeleteAliasInput) (*sdk.DeleteAliasOutput, error) {
	r, err := aliasRef(ctx, "lambda:DeleteAlias", in.FunctionName, in.Name)
	if err != nil {
		return nil, err
	}
	s.unprovision(ctx, r)
	var gone []string
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		err := aliases.Delete(tx, aliasID(r.Name, r.Qualifier))
		if err == nil {
			err = dropProvision(tx, r)
		}
		if err == nil {
			gone, err = dropURLs(tx, r)
		}
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.urlChanged(gone...)
	s.changed(r)
	return &sdk.DeleteAliasOutput{}, nil
}

// ListAliases lists the aliases of a function, or of one version, by name.
func (s *Service) ListAliases(ctx context.Context, in *sdk.ListAliasesInput) (*sdk.ListAliasesOutput, error) {
	r, err := writeRef(ctx, "lambda:ListAliases", in.FunctionName)
	if err != nil {
		return nil, err
	}
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	var all []types.AliasConfiguration
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findFunction(tx, r); err != nil {
			return err
		}
		p, err := aliases.List(tx, store.Query{Parent: parent(r.Name)})
		for _, d := range p.Documents {
			if in.FunctionVersion == nil || routesTo(d.Value, *in.FunctionVersion) {
				all = append(all, d.Value)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := page(all, limit, aws.ToString(in.Marker), func(a types.AliasConfiguration) string { return *a.Name })
	return &sdk.ListAliasesOutput{Aliases: list, NextMarker: next}, nil
}

// aliasRef names an alias by its function and its own name.
func aliasRef(ctx context.Context, action string, name, alias *string) (ref, error) {
	var v violations
	v.check("name", alias, aliasPattern, maxQualifier)
	if err := v.err(); err != nil {
		return ref{}, err
	}
	r, err := writeRef(ctx, action, name)
	return r.at(aws.ToString(alias)), err
}

// checkAlias is every test of an alias that needs no stored function.
func checkAlias(description, version *string, rc *types.AliasRoutingConfiguration) error {
	var v violations
	v.length("description", description, maxDescription)
	v.check("functionVersion", version, versionPattern, 1024)
	if rc != nil {
		v.weights(rc.AdditionalVersionWeights)
	}
	if err := v.err(); err != nil {
		return err
	}
	if rc != nil && len(rc.AdditionalVersionWeights) > 1 {
		return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
	}
	return nil
}
