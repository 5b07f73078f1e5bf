package apigatewayv2

import (
	"context"
	"log/slog"

	"postern/emulator/apigateway"
	"postern/emulator/domainname"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options say what a Service works with. Store is required.
type Options struct {
	Store     *store.Store
	REST      *apigateway.Service // whose ids HTTP and WebSocket APIs must not take
	Domains   *domainname.Keeper  // nil: no custom domain name is served
	Publisher Publisher           // nil: nothing is served
	Quotas    quota.Quotas        // nil: AWS's
	Address   string              // of Postern, for links to previews of portals: "http://localhost:4566"
	Logger    *slog.Logger        // nil is slog.Default
}

// A Service serves the operations of the SDK's apigatewayv2 client.
type Service struct {
	store     *store.Store
	rest      *apigateway.Service
	domains   *domainname.Keeper
	publisher Publisher
	quotas    quota.Quotas
	address   string
	log       *slog.Logger
	live      apigateway.Live[Snapshot]
}

// New makes a Service.
func New(o Options) *Service {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Domains == nil {
		o.Domains = domainname.New(domainname.Options{Store: o.Store, Logger: o.Logger})
	}
	s := &Service{
		store: o.Store, rest: o.REST, domains: o.Domains, publisher: o.Publisher, quotas: o.Quotas, address: o.Address, log: o.Logger,
	}
	s.live.Snapshot, s.live.Logger = s.Snapshot, o.Logger
	if o.Publisher != nil {
		s.live.Publish, s.live.Unpublish = o.Publisher.PublishV2, o.Publisher.Unpublish
	}
	return s
}

const service = "apigatewayv2"

func scope(ctx context.Context) store.Scope {
	c := wire.CallerFrom(ctx)
	return store.Scope{Account: c.AccountID, Region: c.Region}
}

func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.Update(ctx, scope(ctx), fn)
}

func (s *Service) view(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.View(ctx, scope(ctx), fn)
}
