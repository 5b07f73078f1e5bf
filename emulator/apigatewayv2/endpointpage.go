package apigatewayv2

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// An endpointPage is what is stored of a product REST endpoint page: it documents a method of a REST API
// at a stage. The method's own documentation shows where Overrides have no other.
type endpointPage struct {
	ProductRestEndpointPageId, ProductRestEndpointPageArn *string

	RestEndpointIdentifier *types.RestEndpointIdentifier
	Overrides              types.DisplayContentOverrides
	LastModified           *time.Time
	TryItState             types.TryItState
}

var endpointPages = part[endpointPage]{
	Kind: store.Kind[endpointPage]{Service: service, Name: "productrestendpointpage"}, owner: portalProducts.Name,
	missing: "Invalid product REST endpoint page identifier specified",
}

// A shownEndpoint is an endpoint page as operations answer it.
type shownEndpoint struct {
	endpointPage
	DisplayContent    *types.EndpointDisplayContentResponse
	RawDisplayContent *string
	Status            types.Status
	StatusException   *types.StatusException
}

// show completes a page with what the REST API has. One whose method is gone has FAILED, as one that AWS
// cannot make.
func (s *Service) show(ctx context.Context, p endpointPage) shownEndpoint {
	parts := *p.RestEndpointIdentifier.IdentifierParts
	out := shownEndpoint{endpointPage: p, Status: types.StatusAvailable, DisplayContent: &types.EndpointDisplayContentResponse{
		Endpoint: p.Overrides.Endpoint, Body: p.Overrides.Body, OperationName: p.Overrides.OperationName,
	}}
	set := func(member **string, value string) {
		if *member == nil && value != "" {
			*member = &value
		}
	}
	set(&out.DisplayContent.Endpoint, "https://"+*parts.RestApiId+".execute-api."+scope(ctx).Region+".amazonaws.com/"+*parts.Stage+*parts.Path)
	e, err := s.restEndpoint(ctx, parts)
	if err != nil {
		out.Status, out.StatusException = types.StatusFailed, &types.StatusException{Exception: aws.String("NotFoundException"), Message: aws.String(err.Error())}
		return out
	}
	set(&out.DisplayContent.Body, e.Body)
	set(&out.DisplayContent.OperationName, e.Name)
	return out
}

// override takes what a page shows instead of the API's own.
func (p *endpointPage) override(c *types.EndpointDisplayContent) error {
	if c == nil {
		return nil
	}
	if c.Overrides != nil && c.None != nil {
		return badRequest("Invalid displayContent specified. It has either none or overrides.")
	}
	p.Overrides = types.DisplayContentOverrides{}
	if o := c.Overrides; o != nil {
		p.Overrides = *o
	}
	o := p.Overrides
	return cmp.Or(sized("body", o.Body, 1, 32768), sized("endpoint", o.Endpoint, 1, 1024), sized("operationName", o.OperationName, 1, 255))
}

func endpointDocument(product string, p endpointPage) store.Document[endpointPage] {
	return endpointPages.document(product, *p.ProductRestEndpointPageId, "", p)
}

// CreateProductRestEndpointPage adds a page for a method of a REST API at a stage. It is available at once.
func (s *Service) CreateProductRestEndpointPage(ctx context.Context, in *sdk.CreateProductRestEndpointPageInput) (*sdk.CreateProductRestEndpointPageOutput, error) {
	p := endpointPage{RestEndpointIdentifier: in.RestEndpointIdentifier, TryItState: cmp.Or(in.TryItState, types.TryItStateDisabled)}
	if in.RestEndpointIdentifier.IdentifierParts == nil {
		return nil, badRequest("Invalid restEndpointIdentifier specified. It must have identifierParts.")
	}
	if err := p.override(in.DisplayContent); err != nil {
		return nil, err
	}
	if _, err := s.restEndpoint(ctx, *in.RestEndpointIdentifier.IdentifierParts); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, nil)
		if err != nil {
			return err
		}
		p.ProductRestEndpointPageId, p.LastModified = aws.String(tx.ID(10)), now(tx)
		p.ProductRestEndpointPageArn = aws.String(*d.Value.PortalProductArn + "/productrestendpointpages/" + *p.ProductRestEndpointPageId)
		return endpointPages.Insert(tx, endpointDocument(d.ID, p))
	})
	if err != nil {
		return nil, err
	}
	return wire.Answer[sdk.CreateProductRestEndpointPageOutput](s.show(ctx, p), nil)
}

// GetProductRestEndpointPage reads the page of an endpoint.
func (s *Service) GetProductRestEndpointPage(ctx context.Context, in *sdk.GetProductRestEndpointPageInput) (*sdk.GetProductRestEndpointPageOutput, error) {
	p, err := find(ctx, s, endpointPages, ofProduct(in.PortalProductId, in.ResourceOwnerAccountId), in.ProductRestEndpointPageId)
	if err != nil {
		return nil, err
	}
	out := s.show(ctx, p)
	if aws.ToString(in.IncludeRawDisplayContent) == "true" {
		out.RawDisplayContent = out.DisplayContent.Body
	}
	return wire.Answer[sdk.GetProductRestEndpointPageOutput](out, nil)
}

// ListProductRestEndpointPages lists the endpoint pages of a product, oldest first, without their bodies.
func (s *Service) ListProductRestEndpointPages(ctx context.Context, in *sdk.ListProductRestEndpointPagesInput) (*sdk.ListProductRestEndpointPagesOutput, error) {
	out := &sdk.ListProductRestEndpointPagesOutput{Items: []types.ProductRestEndpointPageSummaryNoBody{}}
	found, next, err := list(ctx, s, endpointPages, ofProduct(in.PortalProductId, in.ResourceOwnerAccountId), in.MaxResults, in.NextToken)
	for _, p := range found {
		e := s.show(ctx, p)
		out.Items = append(out.Items, types.ProductRestEndpointPageSummaryNoBody{
			Endpoint: e.DisplayContent.Endpoint, LastModified: p.LastModified, ProductRestEndpointPageArn: p.ProductRestEndpointPageArn,
			ProductRestEndpointPageId: p.ProductRestEndpointPageId, RestEndpointIdentifier: p.RestEndpointIdentifier, Status: e.Status,
			TryItState: p.TryItState, OperationName: e.DisplayContent.OperationName, StatusException: e.StatusException,
		})
	}
	out.NextToken = next
	return out, err
}

// UpdateProductRestEndpointPage changes what the page of an endpoint shows.
func (s *Service) UpdateProductRestEndpointPage(ctx context.Context, in *sdk.UpdateProductRestEndpointPageInput) (*sdk.UpdateProductRestEndpointPageOutput, error) {
	var p endpointPage
	err := changePage(ctx, s, endpointPages, in.PortalProductId, in.ProductRestEndpointPageId, func(tx *store.Tx, d store.Document[endpointPage]) error {
		p = d.Value
		setEnum(&p.TryItState, in.TryItState)
		p.LastModified = now(tx)
		if err := p.override(in.DisplayContent); err != nil {
			return err
		}
		return endpointPages.Put(tx, endpointDocument(d.Parent.ID, p))
	})
	if err != nil {
		return nil, err
	}
	return wire.Answer[sdk.UpdateProductRestEndpointPageOutput](s.show(ctx, p), nil)
}

// DeleteProductRestEndpointPage removes the page of an endpoint, from its product's order too.
func (s *Service) DeleteProductRestEndpointPage(ctx context.Context, in *sdk.DeleteProductRestEndpointPageInput) (*sdk.DeleteProductRestEndpointPageOutput, error) {
	arn := func(p endpointPage) *string { return p.ProductRestEndpointPageArn }
	err := deletePage(ctx, s, endpointPages, in.PortalProductId, in.ProductRestEndpointPageId, arn)
	return &sdk.DeleteProductRestEndpointPageOutput{}, err
}
