package apigateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw/limit"
	"postern/emulator/domainname"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options say what a Service works with. Store is required.
type Options struct {
	Store     *store.Store
	Publisher Publisher          // nil: nothing is served
	Tester    Tester             // of TestInvokeMethod, which is not called without
	Domains   *domainname.Keeper // nil: no custom domain name is served
	Logger    *slog.Logger       // nil is slog.Default
	// AccountRate is what GetAccount tells of the limit on an account's requests; zero is AWS's.
	AccountRate limit.Rate
	Quotas      quota.Quotas // nil: AWS's
}

// A Service serves the operations of the SDK's apigateway client.
type Service struct {
	store     *store.Store
	publisher Publisher
	tester    Tester
	domains   *domainname.Keeper
	log       *slog.Logger
	account   limit.Rate
	quotas    quota.Quotas

	keys    sync.Map   // store.Scope → *limit.Keys, see Keys
	pinning sync.Mutex // held from the look-up of a pinned id to its commit
	live    Live[Snapshot]
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
		store: o.Store, publisher: o.Publisher, tester: o.Tester, domains: o.Domains,
		log: o.Logger, account: cmp.Or(o.AccountRate, limit.Account), quotas: o.Quotas,
	}
	s.live.Snapshot, s.live.Logger = s.Snapshot, o.Logger
	if o.Publisher != nil {
		s.live.Publish, s.live.Unpublish = o.Publisher.Publish, o.Publisher.Unpublish
	}
	return s
}

const service = "apigateway"

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

const (
	defaultLimit = 25
	maxLimit     = 500
)

func pageLimit(limit *int32) (int, error) {
	switch n := aws.ToInt32(limit); {
	case limit == nil:
		return defaultLimit, nil
	case n < 1:
		return 0, badRequest("Invalid limit specified. The limit must be at least 1.")
	default:
		return int(min(n, maxLimit)), nil
	}
}

// list reads one page of documents in the way that limit and position say.
func list[T any](tx *store.Tx, k store.Kind[T], q store.Query, limit *int32, position *string) (items []T, next *string, err error) {
	if q.Limit, err = pageLimit(limit); err != nil {
		return nil, nil, err
	}
	q.After = aws.ToString(position)
	p, err := k.List(tx, q)
	if errors.Is(err, store.ErrPosition) {
		return nil, nil, badRequest("Invalid position specified.")
	}
	if p.Next != "" {
		next = &p.Next
	}
	return p.Values(), next, err
}

// listWhere is list for those of the documents that are wanted.
func listWhere[T any](tx *store.Tx, k store.Kind[T], q store.Query, limit *int32, position *string, wanted func(store.Document[T]) bool) (items []T, next *string, err error) {
	n, err := pageLimit(limit)
	if err != nil {
		return nil, nil, err
	}
	last := ""
	for q.After, q.Limit = aws.ToString(position), maxLimit; ; {
		p, err := k.List(tx, q)
		if errors.Is(err, store.ErrPosition) {
			return nil, nil, badRequest("Invalid position specified.")
		}
		if err != nil {
			return nil, nil, err
		}
		for _, d := range p.Documents {
			switch {
			case !wanted(d):
			case len(items) == n:
				return items, &last, nil
			default:
				items, last = append(items, d.Value), d.Position()
			}
		}
		if q.After = p.Next; p.Next == "" {
			return items, nil, nil
		}
	}
}

// cut is list for what is not stored one by one; items are sorted by key.
func cut[T any](items []T, key func(T) string, limit *int32, position *string) (page []T, next *string, err error) {
	n, err := pageLimit(limit)
	if err != nil {
		return nil, nil, err
	}
	for len(items) > 0 && key(items[0]) <= aws.ToString(position) {
		items = items[1:]
	}
	if len(items) <= n {
		return items, nil, nil
	}
	return items[:n], aws.String(key(items[n-1])), nil
}
