package lambda

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A functionURL is the URL of a function or of an alias of it. The URL itself depends on how Postern is
// reached, so it is made when it is asked for.
type functionURL struct {
	ID       string // the first label of its host
	Function ref    // with the alias, if it is one's
	Config   types.FunctionUrlConfig
}

var (
	urls = store.Kind[functionURL]{Service: "lambda", Name: "url"} // id: aliasID, hanging from the function
	// urlHosts finds URLs by the ids in their hosts, of all accounts and regions, in eventScope.
	urlHosts = store.Kind[ref]{Service: "lambda", Name: "urlhost"}
)

// customID is the tag of a function that chooses the id of its URL, as it does for APIs.
const customID = "_custom_id_"

// urlRef is what an operation means by a function and an alias: versions have no URLs.
func urlRef(ctx context.Context, action string, name, qualifier *string) (ref, error) {
	var v violations
	v.check("qualifier", qualifier, urlQualifierPattern, maxQualifier)
	if err := v.err(); err != nil {
		return ref{}, err
	}
	return readRef(ctx, action, name, qualifier)
}

// CreateFunctionUrlConfig gives a function, or an alias, an URL.
func (s *Service) CreateFunctionUrlConfig(ctx context.Context, in *sdk.CreateFunctionUrlConfigInput) (*sdk.CreateFunctionUrlConfigOutput, error) {
	r, err := urlRef(ctx, "lambda:CreateFunctionUrlConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkCors(in.Cors); err != nil {
		return nil, err
	}
	u := functionURL{Function: r, Config: types.FunctionUrlConfig{AuthType: in.AuthType, Cors: in.Cors, InvokeMode: in.InvokeMode, FunctionArn: aws.String(r.arn())}}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		fn, err := findURLOwner(tx, r)
		if err != nil {
			return err
		}
		u.ID = newURLID(tx, r, fn.Value.Tags)
		now := aws.String(tx.Now().Format("2006-01-02T15:04:05.000000Z"))
		u.Config.CreationTime, u.Config.LastModifiedTime = now, now
		return insertURL(tx, u)
	})
	if err != nil {
		return nil, err
	}
	s.urlChanged(u.ID)
	c := u.shown(ctx)
	return &sdk.CreateFunctionUrlConfigOutput{
		AuthType: c.AuthType, Cors: c.Cors, CreationTime: c.CreationTime, FunctionArn: c.FunctionArn, FunctionUrl: c.FunctionUrl, InvokeMode: in.InvokeMode,
	}, nil
}

// findURLOwner finds the function of r, whose alias has to be there too.
func findURLOwner(tx *store.Tx, r ref) (store.Document[function], error) {
	_, err := findVersion(tx, r)
	if isMissing(err) {
		err = notFound("Function does not exist")
	}
	if err != nil {
		return store.Document[function]{}, err
	}
	return findFunction(tx, r)
}

// newURLID is a random id, or the one that the function's tag chooses; an alias adds its name.
func newURLID(tx *store.Tx, r ref, tags map[string]string) string {
	id := strings.ToLower(tags[customID])
	switch {
	case id == "":
		return tx.ID(32)
	case r.Qualifier != "" && r.Qualifier != latest:
		return id + "-" + strings.ToLower(r.Qualifier)
	}
	return id
}

func insertURL(tx *store.Tx, u functionURL) error {
	r := u.Function
	err := urls.Insert(tx, store.Document[functionURL]{ID: eventInvokeID(r), Name: r.Qualifier, Parent: parent(r.Name), Value: u})
	if errors.Is(err, store.ErrExists) {
		return conflict("Failed to create function url config for [functionArn = %s]. Error message:  FunctionUrlConfig exists for this Lambda function", r.arn())
	}
	if err != nil {
		return err
	}
	err = urlHosts.Insert(tx.In(eventScope), store.Document[ref]{ID: u.ID, Value: r})
	if errors.Is(err, store.ErrExists) {
		return conflict("The id %s, which the tag %s chooses, is taken", u.ID, customID)
	}
	return err
}

// shown is the configuration as AWS shows it, but for the URL, which is the one that Postern can be
// reached at.
func (u functionURL) shown(ctx context.Context) types.FunctionUrlConfig {
	c := u.Config
	host, scheme, port := "localhost", "http", ""
	if at, err := url.Parse(wire.CallerFrom(ctx).Endpoint); err == nil && at.Host != "" {
		scheme = at.Scheme
		if _, p, err := net.SplitHostPort(at.Host); err == nil {
			port = ":" + p
		}
	}
	c.FunctionUrl = aws.String(scheme + "://" + u.ID + ".lambda-url." + u.Function.Region + "." + host + port + "/")
	if c.InvokeMode == "" {
		c.InvokeMode = types.InvokeModeBuffered
	}
	return c
}

func (s *Service) findURL(ctx context.Context, r ref) (u functionURL, err error) {
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		u, err = getURL(tx, r)
		return err
	})
	return u, err
}

func getURL(tx *store.Tx, r ref) (functionURL, error) {
	d, err := urls.Get(tx, eventInvokeID(r))
	if errors.Is(err, store.ErrNotFound) {
		err = resourceGone()
	}
	return d.Value, err
}

// GetFunctionUrlConfig reads the URL of a function or alias.
func (s *Service) GetFunctionUrlConfig(ctx context.Context, in *sdk.GetFunctionUrlConfigInput) (*sdk.GetFunctionUrlConfigOutput, error) {
	r, err := urlRef(ctx, "lambda:GetFunctionUrlConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	u, err := s.findURL(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetFunctionUrlConfigOutput](u.shown(ctx)), nil
}

// UpdateFunctionUrlConfig changes what the input has.
func (s *Service) UpdateFunctionUrlConfig(ctx context.Context, in *sdk.UpdateFunctionUrlConfigInput) (*sdk.UpdateFunctionUrlConfigOutput, error) {
	r, err := urlRef(ctx, "lambda:UpdateFunctionUrlConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkCors(in.Cors); err != nil {
		return nil, err
	}
	var u functionURL
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findURLOwner(tx, r); err != nil {
			return err
		}
		if u, err = getURL(tx, r); err != nil {
			return err
		}
		if in.AuthType != "" {
			u.Config.AuthType = in.AuthType
		}
		if in.InvokeMode != "" {
			u.Config.InvokeMode = in.InvokeMode
		}
		if in.Cors != nil {
			u.Config.Cors = in.Cors
		}
		u.Config.LastModifiedTime = aws.String(tx.Now().Format("2006-01-02T15:04:05.000000Z"))
		return urls.Put(tx, store.Document[functionURL]{ID: eventInvokeID(r), Name: r.Qualifier, Parent: parent(r.Name), Value: u})
	})
	if err != nil {
		return nil, err
	}
	s.urlChanged(u.ID)
	out := answer[sdk.UpdateFunctionUrlConfigOutput](u.shown(ctx))
	out.InvokeMode = u.Config.InvokeMode // recorded: the default is not shown here
	return out, nil
}

// DeleteFunctionUrlConfig takes the URL of a function or alias away.
func (s *Service) DeleteFunctionUrlConfig(ctx context.Context, in *sdk.DeleteFunctionUrlConfigInput) (*sdk.DeleteFunctionUrlConfigOutput, error) {
	r, err := urlRef(ctx, "lambda:DeleteFunctionUrlConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var u functionURL
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if u, err = getURL(tx, r); err != nil {
			return err
		}
		return errors.Join(urls.Delete(tx, eventInvokeID(r)), urlHosts.Delete(tx.In(eventScope), u.ID))
	})
	if err != nil {
		return nil, err
	}
	s.urlChanged(u.ID)
	return &sdk.DeleteFunctionUrlConfigOutput{}, nil
}

// ListFunctionUrlConfigs lists the URLs of a function and its aliases.
func (s *Service) ListFunctionUrlConfigs(ctx context.Context, in *sdk.ListFunctionUrlConfigsInput) (*sdk.ListFunctionUrlConfigsOutput, error) {
	r, err := writeRef(ctx, "lambda:ListFunctionUrlConfigs", in.FunctionName)
	if err != nil {
		return nil, err
	}
	limit, err := shortPageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	var all []types.FunctionUrlConfig
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findURLOwner(tx, r); err != nil {
			return err
		}
		p, err := urls.List(tx, store.Query{Parent: parent(r.Name)})
		for _, d := range p.Documents {
			all = append(all, d.Value.shown(ctx))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := page(all, limit, aws.ToString(in.Marker), func(c types.FunctionUrlConfig) string { return *c.FunctionArn })
	return &sdk.ListFunctionUrlConfigsOutput{FunctionUrlConfigs: list, NextMarker: next}, nil
}

// dropURLs forgets the hosts of the URLs of a function that is to be deleted, or of one alias.
func dropURLs(tx *store.Tx, r ref) (ids []string, err error) {
	p, err := urls.List(tx, store.Query{Parent: parent(r.Name)})
	for _, d := range p.Documents {
		if r.Qualifier != "" && d.Value.Function.Qualifier != r.Qualifier {
			continue
		}
		ids = append(ids, d.Value.ID)
		err = errors.Join(err, urls.Delete(tx, d.ID), urlHosts.Delete(tx.In(eventScope), d.Value.ID))
	}
	return ids, err
}

// urlChanged makes who serves URLs ask for one anew.
func (s *Service) urlChanged(ids ...string) {
	if s.URLChanged == nil {
		return
	}
	for _, id := range ids {
		s.URLChanged(id)
	}
}

// A URL is what serving a function URL needs.
type URL struct {
	AccountID, Region, FunctionARN string
	Config                         types.FunctionUrlConfig
}

// ErrNoURL means that no function has a URL of the id.
var ErrNoURL = errors.New("no such function URL")

// URL finds the URL of an id, whosever it is: ErrNoURL.
func (s *Service) URL(ctx context.Context, id string) (URL, error) {
	var r ref
	err := s.Store.View(ctx, eventScope, func(tx *store.Tx) error {
		d, err := urlHosts.Get(tx, id)
		r = d.Value
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return URL{}, ErrNoURL
	}
	if err != nil {
		return URL{}, err
	}
	u, err := s.findURL(ctx, r)
	if isMissing(err) { // its account or region was reset
		return URL{}, ErrNoURL
	}
	return URL{AccountID: r.Account, Region: r.Region, FunctionARN: r.arn(), Config: u.Config}, err
}
