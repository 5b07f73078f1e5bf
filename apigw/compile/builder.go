package compile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"postern/apigw/auth"
	"postern/apigw/integration"
	"postern/apigw/limit"
)

// A builder is what compiling a stage of any kind of API has in common: whose stage it is, what its
// steps work with, and what is wrong with it.
type builder struct {
	deps                            Deps
	accountID, region, apiID, stage string
	lambdas                         map[string]*auth.Lambda // by the id of the authorizer

	errs     []error
	warnings []warning
}

func newBuilder(d Deps, accountID, region, apiID, stage string) builder {
	d.Logger = cmp.Or(d.Logger, slog.New(slog.DiscardHandler))
	if d.Transport == nil {
		d.Transport = integration.NewTransport()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Buckets == nil {
		d.Buckets = &limit.Buckets{}
	}
	if d.Keys == nil {
		d.Keys = noKeys
	}
	d.AccountRate = cmp.Or(d.AccountRate, limit.Account)
	b := builder{deps: d, accountID: accountID, region: region, apiID: apiID, stage: stage}
	if apiID == "" || stage == "" {
		b.impossible("stage", errors.New("the API's id and the stage's name must not be empty"))
	}
	return b
}

func noKeys(string, string) *limit.Keys {
	return limit.NewKeys(func(context.Context, *limit.Keys) error { return nil })
}

// flush is the stage's FlushAuthorizers, nil where nothing is remembered.
func (b *builder) flush() func() {
	if len(b.lambdas) == 0 {
		return nil
	}
	lambdas := b.lambdas
	return func() {
		for _, l := range lambdas {
			l.Flush()
		}
	}
}
