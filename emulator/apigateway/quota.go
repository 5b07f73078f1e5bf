package apigateway

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/quota"
	"postern/emulator/store"
)

// within refuses what has been added to an API above a quota. Whoever calls it has written it already:
// the transaction keeps nothing of what is refused.
func within[T any](tx *store.Tx, q quota.Quotas, name string, k store.Kind[T], api string) error {
	has, err := k.Count(tx, store.Query{Prefix: api + "/"})
	if err == nil && name == quota.Resources {
		has-- // the root, which every API has
	}
	if err == nil && q.Exceeded(name, has) {
		err = exceeded(name)
	}
	return err
}

func exceeded(name string) error {
	return &types.LimitExceededException{Message: aws.String(quota.Reached(name))}
}

// withinAccount refuses what has been added to an account's region above a quota, as within does.
func withinAccount[T any](tx *store.Tx, q quota.Quotas, name string, k store.Kind[T]) error {
	has, err := k.Count(tx, store.Query{})
	if err != nil {
		return err
	}
	return exceededByAccount(q, name, has)
}

// exceededByAccount refuses what makes more things of an account's region than a quota.
func exceededByAccount(q quota.Quotas, name string, has int) error {
	if q.Exceeded(name, has) {
		return &types.LimitExceededException{Message: aws.String(quota.ReachedByAccount(name))}
	}
	return nil
}

// withinDomains refuses a domain name that has been added above the quota of its kind.
func withinDomains(tx *store.Tx, q quota.Quotas, private bool) error {
	name := quota.Domains
	if private {
		name = quota.PrivateDomains
	}
	has, err := domainname.Count(tx, private)
	if err != nil {
		return err
	}
	return exceededByAccount(q, name, has)
}

// apiQuotas are those of the endpoint types.
var apiQuotas = map[types.EndpointType]string{
	types.EndpointTypeEdge: quota.EdgeAPIs, types.EndpointTypeRegional: quota.RegionalAPIs, types.EndpointTypePrivate: quota.PrivateAPIs,
}

// withinAPIs refuses an API that has been written above the quota of its endpoint type.
func withinAPIs(tx *store.Tx, q quota.Quotas, a *types.RestApi) error {
	own := a.EndpointConfiguration.Types[0]
	if !q.Bounds(apiQuotas[own]) {
		return nil
	}
	all, err := restAPIs.List(tx, store.Query{})
	if err != nil {
		return err
	}
	has := 0
	for _, d := range all.Documents {
		if d.Value.API.EndpointConfiguration.Types[0] == own {
			has++
		}
	}
	return exceededByAccount(q, apiQuotas[own], has)
}
