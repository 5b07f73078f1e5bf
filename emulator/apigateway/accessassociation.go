package apigateway

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var vpcEndpointPattern = lazyregexp.New(`^vpce-[0-9a-z]+$`)

// privateDomain reads the private domain that an ARN names, in the caller's account.
func privateDomain(tx *store.Tx, arn *string) (store.Document[domainname.Domain], error) {
	rest, ours := strings.CutPrefix(aws.ToString(arn), domainname.PrivateARNs(tx.Scope()))
	name, id, whole := strings.Cut(rest, "+")
	if !ours || !whole {
		return store.Document[domainname.Domain]{}, notFound("Invalid domain name identifier specified")
	}
	return domainname.Get(tx, &name, &id)
}

// CreateDomainNameAccessAssociation lets a VPC endpoint reach a private domain. Unlike AWS, the
// domain must be of the caller's account: nothing shares one with another.
func (s *Service) CreateDomainNameAccessAssociation(ctx context.Context, in *sdk.CreateDomainNameAccessAssociationInput) (*sdk.CreateDomainNameAccessAssociationOutput, error) {
	if !vpcEndpointPattern.MatchString(*in.AccessAssociationSource) {
		return nil, badRequest("Invalid access association source specified: %s", *in.AccessAssociationSource)
	}
	if err := CheckTags(in.Tags); err != nil {
		return nil, err
	}
	a := types.DomainNameAccessAssociation{
		AccessAssociationSource: in.AccessAssociationSource, AccessAssociationSourceType: in.AccessAssociationSourceType,
		DomainNameArn: in.DomainNameArn, Tags: in.Tags,
	}
	name := ""
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := privateDomain(tx, in.DomainNameArn)
		if err != nil {
			return err
		}
		sc := tx.Scope()
		name = d.ID
		arn := "arn:aws:apigateway:" + sc.Region + ":" + sc.Account + ":/domainnameaccessassociations/domainname/" + d.ID + "+" +
			*d.Value.Domain.DomainNameId + "/vpcesource/" + *in.AccessAssociationSource
		a.DomainNameAccessAssociationArn = &arn
		return taken(domainname.Associations.Insert(tx, store.Document[types.DomainNameAccessAssociation]{ID: arn, Parent: domainname.Ref(d.ID), Value: a}),
			"A domain name access association already exists for this domain name and access association source")
	})
	if err == nil {
		s.domains.Publish(ctx, name)
	}
	return wire.Answer[sdk.CreateDomainNameAccessAssociationOutput](describeAssociation(a), err)
}

func describeAssociation(a types.DomainNameAccessAssociation) types.DomainNameAccessAssociation {
	if len(a.Tags) == 0 {
		a.Tags = nil
	}
	return a
}

// GetDomainNameAccessAssociations lists the caller's associations.
func (s *Service) GetDomainNameAccessAssociations(ctx context.Context, in *sdk.GetDomainNameAccessAssociationsInput) (*sdk.GetDomainNameAccessAssociationsOutput, error) {
	out := &sdk.GetDomainNameAccessAssociationsOutput{Items: []types.DomainNameAccessAssociation{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := list(tx, domainname.Associations, store.Query{}, in.Limit, in.Position)
		if err != nil || in.ResourceOwner == types.ResourceOwnerOtherAccounts {
			return err
		}
		for _, a := range found {
			out.Items = append(out.Items, describeAssociation(a))
		}
		out.Position = next
		return nil
	})
	return out, err
}

// DeleteDomainNameAccessAssociation ends an association.
func (s *Service) DeleteDomainNameAccessAssociation(ctx context.Context, in *sdk.DeleteDomainNameAccessAssociationInput) (*sdk.DeleteDomainNameAccessAssociationOutput, error) {
	err := s.dissociate(ctx, in.DomainNameAccessAssociationArn, nil)
	return &sdk.DeleteDomainNameAccessAssociationOutput{}, err
}

// RejectDomainNameAccessAssociation ends an association for the owner of its domain.
func (s *Service) RejectDomainNameAccessAssociation(ctx context.Context, in *sdk.RejectDomainNameAccessAssociationInput) (*sdk.RejectDomainNameAccessAssociationOutput, error) {
	err := s.dissociate(ctx, in.DomainNameAccessAssociationArn, in.DomainNameArn)
	return &sdk.RejectDomainNameAccessAssociationOutput{}, err
}

// dissociate ends an association, of a certain domain if one is named.
func (s *Service) dissociate(ctx context.Context, arn, domain *string) error {
	name := ""
	err := s.update(ctx, func(tx *store.Tx) error {
		if domain != nil {
			if _, err := privateDomain(tx, domain); err != nil {
				return err
			}
		}
		a, err := domainname.Associations.Get(tx, aws.ToString(arn))
		if err == nil && domain != nil && *a.Value.DomainNameArn != *domain {
			err = store.ErrNotFound
		}
		if errors.Is(err, store.ErrNotFound) {
			return notFound("Invalid domain name access association identifier specified")
		}
		if err != nil {
			return err
		}
		name = a.Parent.ID
		return domainname.Associations.Delete(tx, a.ID)
	})
	if err == nil {
		s.domains.Publish(ctx, name)
	}
	return err
}
