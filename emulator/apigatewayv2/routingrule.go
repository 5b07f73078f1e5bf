package apigatewayv2

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// maxRules is how many routing rules a domain may have (REST API guide, "Quotas").
const maxRules = 50

// getRule reads a routing rule of a domain.
func getRule(tx *store.Tx, domain string, id *string) (types.RoutingRule, error) {
	r, err := domainname.Rules.Get(tx, domain+"/"+aws.ToString(id))
	return r.Value, missing(err, "Invalid routing rule identifier specified")
}

// CreateRoutingRule adds a routing rule to a domain whose routing mode has any.
func (s *Service) CreateRoutingRule(ctx context.Context, in *sdk.CreateRoutingRuleInput) (*sdk.CreateRoutingRuleOutput, error) {
	r := types.RoutingRule{Actions: in.Actions, Conditions: in.Conditions, Priority: in.Priority}
	err := s.changeDomain(ctx, in.DomainName, in.DomainNameId, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		if m := d.Value.Domain.RoutingMode; m == rest.RoutingModeBasePathMappingOnly || m == "" {
			return badRequest("Routing rules cannot be created for a domain name with the routing mode API_MAPPING_ONLY.")
		}
		r.RoutingRuleId = aws.String(tx.ID(6))
		r.RoutingRuleArn = aws.String(ruleARN(tx.Scope(), d.Value.Domain, *r.RoutingRuleId))
		return putRule(tx, &d.Value, &r)
	})
	return wire.Answer[sdk.CreateRoutingRuleOutput](r, err)
}

// ruleARN has the account, other than ARNs of public domains (AWS CLI's examples).
func ruleARN(sc store.Scope, d rest.DomainName, id string) string {
	arn := domainname.PrivateARNs(sc) + *d.DomainName
	if d.DomainNameArn != nil {
		arn = *d.DomainNameArn
	}
	return arn + "/routingrules/" + id
}

// putRule checks a rule of a domain among the others and stores it.
func putRule(tx *store.Tx, d *domainname.Domain, r *types.RoutingRule) error {
	if err := checkRule(tx, d, r); err != nil {
		return err
	}
	name := *d.Domain.DomainName
	all, err := domainname.RulesOf(tx, name)
	if err != nil {
		return err
	}
	others := 0
	for _, other := range all {
		if *other.RoutingRuleId == *r.RoutingRuleId {
			continue
		}
		if others++; *other.Priority == *r.Priority {
			return conflict("A routing rule with priority %d already exists for this domain name", *r.Priority)
		}
	}
	if others >= maxRules {
		return badRequest("Maximum number of routing rules per domain has been reached: %d", maxRules)
	}
	return domainname.Rules.Put(tx, domainname.RuleDocument(name, *r))
}

// GetRoutingRule reads a routing rule.
func (s *Service) GetRoutingRule(ctx context.Context, in *sdk.GetRoutingRuleInput) (*sdk.GetRoutingRuleOutput, error) {
	var r types.RoutingRule
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainOf(tx, in.DomainName, in.DomainNameId)
		if err == nil {
			r, err = getRule(tx, d.ID, in.RoutingRuleId)
		}
		return err
	})
	return wire.Answer[sdk.GetRoutingRuleOutput](r, err)
}

// ListRoutingRules lists the routing rules of a domain in the order in which they are asked.
func (s *Service) ListRoutingRules(ctx context.Context, in *sdk.ListRoutingRulesInput) (*sdk.ListRoutingRulesOutput, error) {
	out := &sdk.ListRoutingRulesOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := domainOf(tx, in.DomainName, in.DomainNameId)
		if err != nil {
			return err
		}
		q := store.Query{Parent: domainname.Ref(d.ID), Order: store.ByName}
		out.RoutingRules, out.NextToken, err = page(tx, domainname.Rules, q, decimal(in.MaxResults), in.NextToken)
		return err
	})
	return out, err
}

// decimal is a number of results as other operations have it.
func decimal(n *int32) *string {
	if n == nil {
		return nil
	}
	return aws.String(strconv.Itoa(int(*n)))
}

// PutRoutingRule puts another rule in the place of one, under its id.
func (s *Service) PutRoutingRule(ctx context.Context, in *sdk.PutRoutingRuleInput) (*sdk.PutRoutingRuleOutput, error) {
	var r types.RoutingRule
	err := s.changeDomain(ctx, in.DomainName, in.DomainNameId, func(tx *store.Tx, d store.Document[domainname.Domain]) (err error) {
		if r, err = getRule(tx, d.ID, in.RoutingRuleId); err != nil {
			return err
		}
		r.Actions, r.Conditions, r.Priority = in.Actions, in.Conditions, in.Priority
		return putRule(tx, &d.Value, &r)
	})
	return wire.Answer[sdk.PutRoutingRuleOutput](r, err)
}

// DeleteRoutingRule removes a routing rule.
func (s *Service) DeleteRoutingRule(ctx context.Context, in *sdk.DeleteRoutingRuleInput) (*sdk.DeleteRoutingRuleOutput, error) {
	err := s.changeDomain(ctx, in.DomainName, in.DomainNameId, func(tx *store.Tx, d store.Document[domainname.Domain]) error {
		r, err := getRule(tx, d.ID, in.RoutingRuleId)
		if err != nil {
			return err
		}
		return domainname.Rules.Delete(tx, domainname.RuleDocument(d.ID, r).ID)
	})
	return &sdk.DeleteRoutingRuleOutput{}, err
}
