package apigatewayv2

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/portal"
	"postern/emulator/store"
)

// publications are what readers of portals see, stored under "portalId" and "portalId/preview".
var publications = store.Kind[portal.Publication]{Service: service, Name: "portalpublication"}

func publicationID(portalID string, preview bool) string {
	if preview {
		return portalID + "/preview"
	}
	return portalID
}

// Publication is what readers of a portal see, whosever it is: portal.ErrNone where it is not published, or
// has no preview.
func (s *Service) Publication(ctx context.Context, id string, preview bool) (p portal.Publication, err error) {
	id = publicationID(id, preview)
	sc, err := s.store.Locate(ctx, service, publications.Name, id)
	if err == nil {
		err = s.store.View(ctx, sc, func(tx *store.Tx) error {
			d, err := publications.Get(tx, id)
			p = d.Value
			return err
		})
	}
	if errors.Is(err, store.ErrNotFound) {
		err = portal.ErrNone
	}
	return p, err
}

// publish freezes a portal with all that it shows. fn changes what is stored of the portal.
func (s *Service) publish(ctx context.Context, id *string, preview bool, fn func(*store.Tx, *storedPortal)) error {
	made, err := s.compose(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.changePortal(ctx, id, func(tx *store.Tx, p *storedPortal) error {
		made.Made = tx.Now()
		fn(tx, p)
		return publications.Put(tx, store.Document[portal.Publication]{
			ID: publicationID(*p.PortalId, preview), Parent: &store.Ref{Kind: portals.Name, ID: *p.PortalId}, Value: made,
		})
	})
	return err
}

// PublishPortal shows a portal to its readers as it is now.
func (s *Service) PublishPortal(ctx context.Context, in *sdk.PublishPortalInput) (*sdk.PublishPortalOutput, error) {
	if err := sized("description", in.Description, 0, 1024); err != nil {
		return nil, err
	}
	err := s.publish(ctx, in.PortalId, false, func(tx *store.Tx, p *storedPortal) {
		p.PublishStatus, p.LastPublished, p.LastPublishedDescription = types.PublishStatusPublished, now(tx), text(in.Description)
	})
	return &sdk.PublishPortalOutput{}, err
}

// PreviewPortal shows a portal as it is now at an address of its own.
func (s *Service) PreviewPortal(ctx context.Context, in *sdk.PreviewPortalInput) (*sdk.PreviewPortalOutput, error) {
	err := s.publish(ctx, in.PortalId, true, func(_ *store.Tx, p *storedPortal) {
		p.Preview = &types.Preview{PreviewStatus: types.PreviewStatusPreviewReady, PreviewUrl: aws.String(s.address + portal.Path(*p.PortalId, true))}
	})
	return &sdk.PreviewPortalOutput{}, err
}

// DisablePortal ends the publication of a portal.
func (s *Service) DisablePortal(ctx context.Context, in *sdk.DisablePortalInput) (*sdk.DisablePortalOutput, error) {
	_, err := s.changePortal(ctx, in.PortalId, func(tx *store.Tx, p *storedPortal) error {
		p.PublishStatus = types.PublishStatusDisabled
		err := publications.Delete(tx, *p.PortalId)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	})
	return &sdk.DisablePortalOutput{}, err
}

// A draft is a product as it is stored, with its pages.
type draft struct {
	product   portalProduct
	pages     []productPage
	endpoints []endpointPage
}

// compose makes what readers see of a portal. Products that were deleted are left out.
func (s *Service) compose(ctx context.Context, id *string) (out portal.Publication, err error) {
	var p storedPortal
	var drafts []draft
	err = s.view(ctx, func(tx *store.Tx) error {
		d, err := getPortal(tx, id)
		if err != nil {
			return err
		}
		p = d.Value
		drafts, err = readDrafts(tx, p.IncludedPortalProductArns)
		return err
	})
	if err != nil {
		return out, err
	}
	if p.LogoUri != nil || p.RumAppMonitorName != nil {
		s.log.Warn("portal is published without its logo and its monitor: its page shows no logo, and there is no CloudWatch RUM", "portal", *p.PortalId)
	}
	c := p.PortalContent
	out = portal.Publication{
		ID: *p.PortalId, Name: *c.DisplayName, Description: aws.ToString(c.Description), Colors: composeColors(c.Theme.CustomColors),
		SignIn: p.Authorization.CognitoConfig != nil,
	}
	for _, d := range drafts {
		out.Products = append(out.Products, s.composeProduct(ctx, d))
	}
	return out, nil
}

func composeColors(c *types.CustomColors) portal.Colors {
	return portal.Colors{
		Accent: *c.AccentColor, Background: *c.BackgroundColor, ErrorValidation: *c.ErrorValidationColor,
		Header: *c.HeaderColor, Navigation: *c.NavigationColor, Text: *c.TextColor,
	}
}

func readDrafts(tx *store.Tx, arns []string) (all []draft, err error) {
	for _, arn := range arns {
		product, err := productOfARN(tx, arn)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		d := draft{product: product}
		if err == nil {
			d.pages, err = productPages.all(tx, *product.PortalProductId)
		}
		if err == nil {
			d.endpoints, err = endpointPages.all(tx, *product.PortalProductId)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// composeProduct puts the pages of a product in its order; those that it does not name follow.
func (s *Service) composeProduct(ctx context.Context, d draft) portal.Product {
	order := types.DisplayOrder{}
	if d.product.DisplayOrder != nil {
		order = *d.product.DisplayOrder
	}
	out := portal.Product{ID: *d.product.PortalProductId, Name: *d.product.DisplayName, Description: aws.ToString(d.product.Description)}
	for _, p := range sorted(d.pages, order.ProductPageArns, func(p productPage) string { return *p.ProductPageArn }) {
		page := portal.Page{ID: *p.ProductPageId, Title: *p.DisplayContent.Title, Body: *p.DisplayContent.Body}
		if *p.ProductPageArn == aws.ToString(order.OverviewPageArn) {
			out.Overview = &page
		} else {
			out.Pages = append(out.Pages, page)
		}
	}
	out.Sections = s.composeSections(ctx, order.Contents, slices.Clone(d.endpoints))
	return out
}

// composeSections puts endpoints in their sections; those that none names are in one without a name.
func (s *Service) composeSections(ctx context.Context, order []types.Section, endpoints []endpointPage) (all []portal.Section) {
	for _, section := range order {
		named := portal.Section{Name: aws.ToString(section.SectionName)}
		for _, arn := range section.ProductRestEndpointPageArns {
			i := slices.IndexFunc(endpoints, func(p endpointPage) bool { return *p.ProductRestEndpointPageArn == arn })
			if i >= 0 {
				named.Endpoints = append(named.Endpoints, s.composeEndpoint(ctx, endpoints[i]))
				endpoints = slices.Delete(endpoints, i, i+1)
			}
		}
		all = append(all, named)
	}
	others := portal.Section{}
	for _, p := range endpoints {
		others.Endpoints = append(others.Endpoints, s.composeEndpoint(ctx, p))
	}
	if len(others.Endpoints) > 0 {
		all = append(all, others)
	}
	return all
}

// sorted puts first what is named, in that order.
func sorted[T any](items []T, names []string, name func(T) string) []T {
	place := func(item T) int {
		if i := slices.Index(names, name(item)); i >= 0 {
			return i
		}
		return len(names)
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b T) int { return place(a) - place(b) })
	return items
}

// composeEndpoint is an endpoint as its page shows it. One whose method is gone says so.
func (s *Service) composeEndpoint(ctx context.Context, p endpointPage) portal.Endpoint {
	parts := *p.RestEndpointIdentifier.IdentifierParts
	e, err := s.restEndpoint(ctx, parts)
	if err != nil {
		e = portal.Endpoint{Method: *parts.Method, Path: *parts.Path, API: *parts.RestApiId, Stage: *parts.Stage, Gone: true}
	}
	e.ID, e.TryIt = *p.ProductRestEndpointPageId, p.TryItState == types.TryItStateEnabled
	e.URL = aws.ToString(p.Overrides.Endpoint)
	if o := p.Overrides.Body; o != nil {
		e.Body = *o
	}
	if o := p.Overrides.OperationName; o != nil {
		e.Name = *o
	}
	return e
}
