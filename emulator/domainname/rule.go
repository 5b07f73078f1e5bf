package domainname

import (
	"fmt"

	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// Rules are routing rules, stored under "domain/ruleId". They hang from their domains.
var Rules = store.Kind[v2types.RoutingRule]{Service: service, Name: "routingrule"}

// RuleDocument is where a rule of a domain is stored, under a name that sorts by priority.
func RuleDocument(domain string, r v2types.RoutingRule) store.Document[v2types.RoutingRule] {
	return store.Document[v2types.RoutingRule]{ID: domain + "/" + *r.RoutingRuleId, Parent: Ref(domain), Name: fmt.Sprintf("%07d", *r.Priority), Value: r}
}

// RulesOf are the rules of a domain.
func RulesOf(tx *store.Tx, domain string) (all []v2types.RoutingRule, err error) {
	page, err := Rules.List(tx, store.Query{Parent: Ref(domain)})
	for _, r := range page.Documents {
		all = append(all, r.Value)
	}
	return all, err
}
