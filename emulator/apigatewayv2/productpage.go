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

// A productPage is what is stored of a page with documentation of a product.
type productPage struct {
	ProductPageId, ProductPageArn *string

	DisplayContent *types.DisplayContent
	LastModified   *time.Time
}

var productPages = part[productPage]{
	Kind: store.Kind[productPage]{Service: service, Name: "productpage"}, owner: portalProducts.Name, missing: "Invalid product page identifier specified",
}

func checkContent(c *types.DisplayContent) error {
	return cmp.Or(sized("title", c.Title, 1, 255), sized("body", c.Body, 1, 32768))
}

func productPageDocument(product string, p productPage) store.Document[productPage] {
	return productPages.document(product, *p.ProductPageId, *p.DisplayContent.Title, p)
}

// CreateProductPage adds a page to a product.
func (s *Service) CreateProductPage(ctx context.Context, in *sdk.CreateProductPageInput) (*sdk.CreateProductPageOutput, error) {
	p := productPage{DisplayContent: in.DisplayContent}
	if err := checkContent(in.DisplayContent); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, nil)
		if err != nil {
			return err
		}
		p.ProductPageId, p.LastModified = aws.String(tx.ID(10)), now(tx)
		p.ProductPageArn = aws.String(*d.Value.PortalProductArn + "/productpages/" + *p.ProductPageId)
		return productPages.Insert(tx, productPageDocument(d.ID, p))
	})
	return wire.Answer[sdk.CreateProductPageOutput](p, err)
}

// GetProductPage reads a page of a product.
func (s *Service) GetProductPage(ctx context.Context, in *sdk.GetProductPageInput) (*sdk.GetProductPageOutput, error) {
	p, err := find(ctx, s, productPages, ofProduct(in.PortalProductId, in.ResourceOwnerAccountId), in.ProductPageId)
	return wire.Answer[sdk.GetProductPageOutput](p, err)
}

// ListProductPages lists the pages of a product, oldest first, without their bodies.
func (s *Service) ListProductPages(ctx context.Context, in *sdk.ListProductPagesInput) (*sdk.ListProductPagesOutput, error) {
	out := &sdk.ListProductPagesOutput{Items: []types.ProductPageSummaryNoBody{}}
	found, next, err := list(ctx, s, productPages, ofProduct(in.PortalProductId, in.ResourceOwnerAccountId), in.MaxResults, in.NextToken)
	for _, p := range found {
		out.Items = append(out.Items, types.ProductPageSummaryNoBody{
			LastModified: p.LastModified, PageTitle: p.DisplayContent.Title, ProductPageArn: p.ProductPageArn, ProductPageId: p.ProductPageId,
		})
	}
	out.NextToken = next
	return out, err
}

// UpdateProductPage changes the content of a page.
func (s *Service) UpdateProductPage(ctx context.Context, in *sdk.UpdateProductPageInput) (*sdk.UpdateProductPageOutput, error) {
	var p productPage
	err := changePage(ctx, s, productPages, in.PortalProductId, in.ProductPageId, func(tx *store.Tx, d store.Document[productPage]) error {
		p = d.Value
		set(&p.DisplayContent, in.DisplayContent)
		p.LastModified = now(tx)
		if err := checkContent(p.DisplayContent); err != nil {
			return err
		}
		return productPages.Put(tx, productPageDocument(d.Parent.ID, p))
	})
	return wire.Answer[sdk.UpdateProductPageOutput](p, err)
}

// DeleteProductPage removes a page, from its product's order too.
func (s *Service) DeleteProductPage(ctx context.Context, in *sdk.DeleteProductPageInput) (*sdk.DeleteProductPageOutput, error) {
	err := deletePage(ctx, s, productPages, in.PortalProductId, in.ProductPageId, func(p productPage) *string { return p.ProductPageArn })
	return &sdk.DeleteProductPageOutput{}, err
}
