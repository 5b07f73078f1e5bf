package apigatewayv2

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// describeMapping is a base path mapping in this API's words.
func describeMapping(m domainname.Mapping) types.ApiMapping {
	key := *m.Mapping.BasePath
	if key == domainname.Root {
		key = ""
	}
	return types.ApiMapping{ApiId: m.Mapping.RestApiId, ApiMappingId: aws.String(m.ID), ApiMappingKey: &key, Stage: m.Mapping.Stage}
}

// getMapping reads a mapping of a domain by its id.
func getMapping(tx *store.Tx, domain string, id *string) (domainname.Mapping, error) {
	all, err := domainname.MappingsOf(tx, domain)
	for _, m := range all {
		if err == nil && m.ID == aws.ToString(id) {
			return m, nil
		}
	}
	if err == nil {
		err = notFound("Invalid ApiMapping id")
	}
	return domainname.Mapping{}, err
}

const maxMappingKey = 300

var mappingKeyPattern = lazyregexp.New(`^[A-Za-z0-9$\-_.+!*'(),/]*$`)

// checkMappingKey has AWS's texts, as users measured them.
func checkMappingKey(key string) error {
	switch {
	case len(key) > maxMappingKey:
		return badRequest("ApiMapping key length must be under 300 characters.")
	case strings.HasSuffix(key, "/"):
		return badRequest("API mapping key should not end with a '/'.")
	case strings.HasPrefix(key, "/"), strings.Contains(key, "//"):
		return badRequest("API mapping key should not start with a '/' or have consecutive '/'s.")
	case !mappingKeyPattern.MatchString(key):
		return badRequest("An API mapping key may contain only letters, numbers and one of $-_.+!*'(), characters.")
	}
	return nil
}

// setMappingKey gives a mapping its key; none is the root's.
func setMappingKey(m *domainname.Mapping, key string) error {
	if err := checkMappingKey(key); err != nil {
		return err
	}
	if key == "" {
		key = domainname.Root
	}
	m.Mapping.BasePath = &key
	return nil
}

// checkMapping wants an API and a stage of it, and finds out of which kind the API is.
func checkMapping(tx *store.Tx, d *domainname.Domain, m *domainname.Mapping) error {
	err := apigateway.CheckTarget(tx, d, m.Mapping.RestApiId, m.Mapping.Stage)
	if m.Protocol = ""; errors.Is(err, apigateway.ErrNoAPI) {
		m.Protocol, err = protocol(tx, m.Mapping.RestApiId, m.Mapping.Stage)
	}
	if err != nil {
		return err
	}
	return domainname.CheckMapping(tx, d, *m, true)
}

// protocol is the kind of an API, which has a stage unless that is nil.
func protocol(tx *store.Tx, apiID, stage *string) (string, error) {
	a, err := getAPI(tx, apiID)
	if err != nil || stage == nil {
		return string(a.Value.ProtocolType), err
	}
	_, err = stages.Get(tx, a.ID+"/"+*stage)
	if errors.Is(err, store.ErrNotFound) {
		err = badRequest("%s", stages.missing)
	}
	return string(a.Value.ProtocolType), err
}

// unmapped refuses to delete an API that a domain is mapped to.
func unmapped(tx *store.Tx, api string) error {
	domains, err := domainname.MappedTo(tx, api)
	if err == nil && len(domains) > 0 {
		err = badRequest("Deleting API %s failed. Please remove all API mappings related to the API in your domains: %s.", api, strings.Join(domains, ", "))
	}
	return err
}

// CreateApiMapping hands a key of a domain to a stage of an API of whatever kind.
func (s *Service) CreateApiMapping(ctx context.Context, in *sdk.CreateApiMappingInput) (*sdk.CreateApiMappingOutput, error) {
	var out types.ApiMapping
	err := s.changeDomain(ctx, in.DomainName, nil, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		m := domainname.Mapping{ID: tx.ID(6), Mapping: rest.BasePathMapping{RestApiId: in.ApiId, Stage: in.Stage}}
		if err := setMappingKey(&m, aws.ToString(blank(in.ApiMappingKey))); err != nil {
			return err
		}
		out = describeMapping(m)
		return insertMapping(tx, d, m)
	})
	return wire.Answer[sdk.CreateApiMappingOutput](out, err)
}

// blank is a key of nothing but spaces as AWS takes it where a mapping is made: the root's.
func blank(key *string) *string {
	if strings.TrimSpace(aws.ToString(key)) == "" {
		return nil
	}
	return key
}

// insertMapping finds out of which kind a mapping's API is, checks the mapping and adds it.
func insertMapping(tx *store.Tx, d store.Document[domainname.Domain], m domainname.Mapping) error {
	if err := checkMapping(tx, &d.Value, &m); err != nil {
		return err
	}
	return taken(domainname.Mappings.Insert(tx, m.Document(d.ID)), "ApiMapping key already exists for this domain name")
}

// GetApiMapping reads a mapping.
func (s *Service) GetApiMapping(ctx context.Context, in *sdk.GetApiMappingInput) (*sdk.GetApiMappingOutput, error) {
	var out types.ApiMapping
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainOf(tx, in.DomainName, nil)
		if err != nil {
			return err
		}
		m, err := getMapping(tx, d.ID, in.ApiMappingId)
		if err == nil {
			out = describeMapping(m)
		}
		return err
	})
	return wire.Answer[sdk.GetApiMappingOutput](out, err)
}

// GetApiMappings lists the mappings of a domain by their keys.
func (s *Service) GetApiMappings(ctx context.Context, in *sdk.GetApiMappingsInput) (*sdk.GetApiMappingsOutput, error) {
	out := &sdk.GetApiMappingsOutput{Items: []types.ApiMapping{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainOf(tx, in.DomainName, nil)
		if err != nil {
			return err
		}
		found, next, err := page(tx, domainname.Mappings, store.Query{Parent: domainname.Ref(d.ID)}, in.MaxResults, in.NextToken)
		for _, m := range found {
			out.Items = append(out.Items, describeMapping(m))
		}
		out.NextToken = next
		return err
	})
	return out, err
}

// UpdateApiMapping changes what of a mapping the input names.
func (s *Service) UpdateApiMapping(ctx context.Context, in *sdk.UpdateApiMappingInput) (*sdk.UpdateApiMappingOutput, error) {
	var out types.ApiMapping
	err := s.changeDomain(ctx, in.DomainName, nil, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		m, err := getMapping(tx, d.ID, in.ApiMappingId)
		if err != nil {
			return err
		}
		if err := domainname.Mappings.Delete(tx, m.Document(d.ID).ID); err != nil {
			return err
		}
		m.Mapping.RestApiId = in.ApiId
		set(&m.Mapping.Stage, in.Stage)
		if in.ApiMappingKey != nil {
			if err := setMappingKey(&m, *in.ApiMappingKey); err != nil {
				return err
			}
		}
		out = describeMapping(m)
		return insertMapping(tx, d, m)
	})
	return wire.Answer[sdk.UpdateApiMappingOutput](out, err)
}

// DeleteApiMapping takes a key away from its API.
func (s *Service) DeleteApiMapping(ctx context.Context, in *sdk.DeleteApiMappingInput) (*sdk.DeleteApiMappingOutput, error) {
	err := s.changeDomain(ctx, in.DomainName, nil, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		m, err := getMapping(tx, d.ID, in.ApiMappingId)
		if err != nil {
			return err
		}
		return domainname.Mappings.Delete(tx, m.Document(d.ID).ID)
	})
	return &sdk.DeleteApiMappingOutput{}, err
}
