package apigateway

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

func getMapping(tx *store.Tx, domain, id, path *string) (store.Document[domainname.Mapping], error) {
	d, err := domainname.Get(tx, domain, id)
	if err != nil {
		return store.Document[domainname.Mapping]{}, err
	}
	m, err := domainname.Mappings.Get(tx, d.ID+"/"+basePath(path))
	if err == nil && m.Value.MultiLevel() {
		err = store.ErrNotFound
	}
	return m, missing(err, "Invalid base path mapping identifier specified")
}

func basePath(path *string) string {
	if p := aws.ToString(path); p != "" {
		return p
	}
	return domainname.Root
}

var basePathPattern = lazyregexp.New(`^[A-Za-z0-9$\-_.+!*'()]+$`)

// checkMapping wants an API, and a stage of it if one is named.
func checkMapping(tx *store.Tx, d *domainname.Domain, m domainname.Mapping) error {
	switch p := *m.Mapping.BasePath; {
	case p == domainname.Root:
	case strings.Contains(p, "/"):
		return badRequest("API Gateway V1 doesn't support the slash character (/) in base path mappings. " +
			"To create a multi-level base path mapping, use API Gateway V2.")
	case !basePathPattern.MatchString(p):
		return badRequest("Base path may only contain letters, numbers and one of $-_.+!*'()")
	}
	err := CheckTarget(tx, d, m.Mapping.RestApiId, m.Mapping.Stage)
	if errors.Is(err, ErrNoAPI) {
		return badRequest("Invalid REST API identifier specified")
	}
	if err != nil {
		return err
	}
	return domainname.CheckMapping(tx, d, m, false)
}

// CheckTarget refuses a REST API that a domain cannot hand requests over to, and a stage that the API
// does not have; nil is none. ErrNoAPI means that there is no such REST API.
func CheckTarget(tx *store.Tx, d *domainname.Domain, apiID, stage *string) error {
	api, err := restAPIs.Get(tx, aws.ToString(apiID))
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoAPI
	}
	if err != nil {
		return err
	}
	if private := slices.Contains(api.Value.API.EndpointConfiguration.Types, types.EndpointTypePrivate); private != d.Has(types.EndpointTypePrivate) {
		return badRequest("Private custom domain names can only be mapped to private APIs, and private APIs to them.")
	}
	if stage == nil {
		return nil
	}
	_, err = stages.Get(tx, api.ID+"/"+*stage)
	if errors.Is(err, store.ErrNotFound) {
		return badRequest("Invalid stage identifier specified")
	}
	return err
}

// CreateBasePathMapping hands a base path of a domain to an API.
func (s *Service) CreateBasePathMapping(ctx context.Context, in *sdk.CreateBasePathMappingInput) (*sdk.CreateBasePathMappingOutput, error) {
	m := types.BasePathMapping{BasePath: aws.String(basePath(in.BasePath)), RestApiId: in.RestApiId, Stage: in.Stage}
	if aws.ToString(m.Stage) == "" {
		m.Stage = nil
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		stored := domainname.Mapping{ID: tx.ID(6), Mapping: m}
		if err := checkMapping(tx, &d.Value, stored); err != nil {
			return err
		}
		return taken(domainname.Mappings.Insert(tx, stored.Document(d.ID)), "Base path already exists for this domain name")
	})
	if err == nil {
		s.domains.Publish(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.CreateBasePathMappingOutput](m, err)
}

// GetBasePathMapping reads a mapping.
func (s *Service) GetBasePathMapping(ctx context.Context, in *sdk.GetBasePathMappingInput) (*sdk.GetBasePathMappingOutput, error) {
	var m types.BasePathMapping
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getMapping(tx, in.DomainName, in.DomainNameId, in.BasePath)
		m = d.Value.Mapping
		return err
	})
	return wire.Answer[sdk.GetBasePathMappingOutput](m, err)
}

// GetBasePathMappings lists the mappings of a domain by their base paths, but for those with several
// segments: base paths here have none.
func (s *Service) GetBasePathMappings(ctx context.Context, in *sdk.GetBasePathMappingsInput) (*sdk.GetBasePathMappingsOutput, error) {
	out := &sdk.GetBasePathMappingsOutput{Items: []types.BasePathMapping{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		found, next, err := listWhere(tx, domainname.Mappings, store.Query{Parent: domainname.Ref(d.ID)}, in.Limit, in.Position,
			func(m store.Document[domainname.Mapping]) bool { return !m.Value.MultiLevel() })
		for _, m := range found {
			out.Items = append(out.Items, m.Mapping)
		}
		out.Position = next
		return err
	})
	return out, err
}

var mappingPatches = patchTable[types.BasePathMapping]{
	rules: []rule[types.BasePathMapping]{
		{types.OpReplace, "/basePath", setBasePath},
		{types.OpReplace, "/basepath", setBasePath},
		{types.OpReplace, "/restapiId", func(m *types.BasePathMapping, c change) error { m.RestApiId = aws.String(c.text()); return nil }},
		{types.OpReplace, "/stage", setText(func(m *types.BasePathMapping) **string { return &m.Stage })},
	},
	unknown: loose,
}

// setBasePath is at two paths: Terraform's /basePath, and /basepath of AWS's page "Patch Operations".
func setBasePath(m *types.BasePathMapping, c change) error {
	m.BasePath = aws.String(basePath(c.value))
	return nil
}

// UpdateBasePathMapping changes what a base path is mapped to, or the base path.
func (s *Service) UpdateBasePathMapping(ctx context.Context, in *sdk.UpdateBasePathMappingInput) (*sdk.UpdateBasePathMappingOutput, error) {
	var out types.BasePathMapping
	err := s.update(ctx, func(tx *store.Tx) error {
		m, err := getMapping(tx, in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return err
		}
		if err := mappingPatches.apply(&m.Value.Mapping, in.PatchOperations); err != nil {
			return err
		}
		d, err := domainname.Get(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		m.Value.Protocol, out = "", m.Value.Mapping
		if err := checkMapping(tx, &d.Value, m.Value); err != nil {
			return err
		}
		if err := domainname.Mappings.Delete(tx, m.ID); err != nil {
			return err
		}
		return taken(domainname.Mappings.Insert(tx, m.Value.Document(d.ID)), "Base path already exists for this domain name")
	})
	if err == nil {
		s.domains.Publish(ctx, *in.DomainName)
	}
	return wire.Answer[sdk.UpdateBasePathMappingOutput](out, err)
}

// DeleteBasePathMapping takes a base path away from its API.
func (s *Service) DeleteBasePathMapping(ctx context.Context, in *sdk.DeleteBasePathMappingInput) (*sdk.DeleteBasePathMappingOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		m, err := getMapping(tx, in.DomainName, in.DomainNameId, in.BasePath)
		if err != nil {
			return err
		}
		return domainname.Mappings.Delete(tx, m.ID)
	})
	if err != nil {
		return nil, err
	}
	s.domains.Publish(ctx, *in.DomainName)
	return &sdk.DeleteBasePathMappingOutput{}, nil
}

// unmapped refuses to delete an API that a domain is mapped to (the text is AWS's).
func unmapped(tx *store.Tx, api string) error {
	domains, err := domainname.MappedTo(tx, api)
	if err != nil {
		return err
	}
	if len(domains) > 0 {
		return badRequest("Deleting RestApi %s failed. Please remove all base path mappings related to the RestApi in your domains: %s.",
			api, strings.Join(domains, ", "))
	}
	return nil
}
