package apigateway

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// clone adds an API that consists of what another one does now, under ids of its
// own. Stages and deployments stay behind.
func clone(tx *store.Tx, d store.Document[restAPI], from *string) error {
	source, err := getAPI(tx, from)
	if err != nil {
		return err
	}
	def, err := read(tx, source)
	if err != nil {
		return err
	}
	if err := addAPI(tx, d); err != nil {
		return err
	}
	for _, m := range def.Models {
		m.Id = aws.String(tx.ID(6))
		if err := models.Insert(tx, modelDocument(d.ID, m)); err != nil {
			return err
		}
	}
	for _, r := range def.GatewayResponses {
		if err := gatewayResponses.Insert(tx, gatewayResponseDocument(d.ID, r)); err != nil {
			return err
		}
	}
	renamed := map[string]*string{*source.Value.API.RootResourceId: d.Value.API.RootResourceId}
	for _, v := range def.RequestValidators {
		id := aws.String(tx.ID(6))
		renamed[*v.Id] = id
		v.Id = id
		if err := validators.Insert(tx, validatorDocument(d.ID, v)); err != nil {
			return err
		}
	}
	for _, a := range def.Authorizers {
		id := aws.String(tx.ID(6))
		renamed[*a.Id] = id
		a.Id = id
		if err := authorizers.Insert(tx, authorizerDocument(d.ID, a)); err != nil {
			return err
		}
	}
	return cloneResources(tx, d.ID, def.Resources, renamed)
}

// cloneResources adds resources, parents first as their paths sort them. renamed
// maps the ids of the source to new ones and grows with each resource.
func cloneResources(tx *store.Tx, api string, all []types.Resource, renamed map[string]*string) error {
	for _, r := range all {
		old := *r.Id
		if renamed[old] == nil {
			renamed[old] = aws.String(tx.ID(10))
		}
		r.Id = renamed[old]
		if r.ParentId != nil {
			r.ParentId = renamed[*r.ParentId]
		}
		for verb, m := range r.ResourceMethods {
			if m.RequestValidatorId != nil {
				m.RequestValidatorId = renamed[*m.RequestValidatorId]
			}
			if m.AuthorizerId != nil {
				m.AuthorizerId = renamed[*m.AuthorizerId]
			}
			if i := m.MethodIntegration; i != nil && aws.ToString(i.CacheNamespace) == old {
				i.CacheNamespace = r.Id
			}
			r.ResourceMethods[verb] = m
		}
		if err := insertResource(tx, api, r); err != nil {
			return err
		}
	}
	return nil
}
