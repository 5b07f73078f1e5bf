package apigatewayv2

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// A portalProduct is what is stored of one. What is changed in it shows in portals when they are
// published again (REST API guide, "Portal products in API Gateway", read 2026-11).
type portalProduct struct {
	PortalProductId, PortalProductArn, DisplayName, Description *string

	DisplayOrder *types.DisplayOrder
	LastModified *time.Time
	Tags         map[string]string
	Policy       *string `json:",omitempty"` // for sharing
}

var portalProducts = store.Kind[portalProduct]{Service: service, Name: "portalproduct"}

func portalProductDocument(p portalProduct) store.Document[portalProduct] {
	return store.Document[portalProduct]{ID: *p.PortalProductId, Name: *p.DisplayName, Value: p}
}

// portalARN is that of a portal, a product or a part of it, by its path.
func portalARN(sc store.Scope, path string) *string {
	return aws.String("arn:aws:apigateway:" + sc.Region + ":" + sc.Account + ":" + path)
}

// getPortalProduct reads a product. Unlike AWS, whose Resource Access Manager shares products, an account
// sees its own alone.
func getPortalProduct(tx *store.Tx, id, owner *string) (store.Document[portalProduct], error) {
	d, err := portalProducts.Get(tx, aws.ToString(id))
	if err == nil && owner != nil && *owner != tx.Scope().Account {
		err = store.ErrNotFound
	}
	return d, missing(err, "Invalid portal product identifier specified")
}

func ofProduct(id, account *string) owner {
	return func(tx *store.Tx) (string, error) {
		d, err := getPortalProduct(tx, id, account)
		return d.ID, err
	}
}

// sized refuses a text that has fewer or more characters than AWS's model grants; nil is none.
func sized(name string, value *string, low, high int) error {
	if n := len([]rune(aws.ToString(value))); value != nil && (n < low || n > high) {
		return badRequest("Invalid %s specified. It must have %d to %d characters.", name, low, high)
	}
	return nil
}

func (p *portalProduct) check() error {
	return cmp.Or(sized("displayName", p.DisplayName, 1, 255), sized("description", p.Description, 0, 1024), apigateway.CheckTags(p.Tags))
}

// CreatePortalProduct adds a product without any pages.
func (s *Service) CreatePortalProduct(ctx context.Context, in *sdk.CreatePortalProductInput) (*sdk.CreatePortalProductOutput, error) {
	p := portalProduct{DisplayName: in.DisplayName, Description: in.Description, Tags: in.Tags}
	if p.Description == nil {
		p.Description = aws.String("")
	}
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		p.PortalProductId, p.LastModified = aws.String(tx.ID(10)), now(tx)
		p.PortalProductArn = portalARN(tx.Scope(), "/portalproducts/"+*p.PortalProductId)
		return portalProducts.Insert(tx, portalProductDocument(p))
	})
	return wire.Answer[sdk.CreatePortalProductOutput](p, err)
}

// GetPortalProduct reads a product.
func (s *Service) GetPortalProduct(ctx context.Context, in *sdk.GetPortalProductInput) (*sdk.GetPortalProductOutput, error) {
	var p portalProduct
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, in.ResourceOwnerAccountId)
		p = d.Value
		return err
	})
	return wire.Answer[sdk.GetPortalProductOutput](p, err)
}

// ListPortalProducts lists the account's products, oldest first. No other's are shared.
func (s *Service) ListPortalProducts(ctx context.Context, in *sdk.ListPortalProductsInput) (*sdk.ListPortalProductsOutput, error) {
	out := &sdk.ListPortalProductsOutput{Items: []types.PortalProductSummary{}}
	switch aws.ToString(in.ResourceOwner) {
	case "", "SELF":
	case "OTHER_ACCOUNTS":
		return out, nil
	default:
		return nil, badRequest("Invalid resourceOwner specified. Valid options are SELF, OTHER_ACCOUNTS")
	}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := page(tx, portalProducts, store.Query{Order: store.ByCreated}, in.MaxResults, in.NextToken)
		for _, p := range found {
			out.Items = append(out.Items, types.PortalProductSummary{
				Description: p.Description, DisplayName: p.DisplayName, LastModified: p.LastModified,
				PortalProductArn: p.PortalProductArn, PortalProductId: p.PortalProductId, Tags: p.Tags,
			})
		}
		out.NextToken = next
		return err
	})
	return out, err
}

// UpdatePortalProduct changes what of a product the input names.
func (s *Service) UpdatePortalProduct(ctx context.Context, in *sdk.UpdatePortalProductInput) (*sdk.UpdatePortalProductOutput, error) {
	var p portalProduct
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, nil)
		if err != nil {
			return err
		}
		p = d.Value
		set(&p.DisplayName, in.DisplayName)
		set(&p.Description, in.Description)
		set(&p.DisplayOrder, in.DisplayOrder)
		if err := cmp.Or(p.check(), checkOrder(tx, p)); err != nil {
			return err
		}
		p.LastModified = now(tx)
		return portalProducts.Put(tx, portalProductDocument(p))
	})
	return wire.Answer[sdk.UpdatePortalProductOutput](p, err)
}

// checkOrder wants the pages that a product's order names to be the product's.
func checkOrder(tx *store.Tx, p portalProduct) error {
	o := p.DisplayOrder
	if o == nil {
		return nil
	}
	pages := o.ProductPageArns
	if o.OverviewPageArn != nil {
		pages = append(slices.Clone(pages), *o.OverviewPageArn)
	}
	for _, arn := range pages {
		if _, err := productPages.Get(tx, partOfARN(p, arn, "/productpages/")); err != nil {
			return badRequest("Invalid product page ARN specified: %s", arn)
		}
	}
	for _, section := range o.Contents {
		for _, arn := range section.ProductRestEndpointPageArns {
			if _, err := endpointPages.Get(tx, partOfARN(p, arn, "/productrestendpointpages/")); err != nil {
				return badRequest("Invalid product REST endpoint page ARN specified: %s", arn)
			}
		}
	}
	return nil
}

// partOfARN is under which id the page of a product that an ARN names is stored.
func partOfARN(p portalProduct, arn, kind string) string {
	id, _ := strings.CutPrefix(arn, *p.PortalProductArn+kind)
	return *p.PortalProductId + "/" + id
}

// forgetPage takes a page that is no more out of a product's order.
func forgetPage(tx *store.Tx, product, arn string) error {
	d, err := portalProducts.Get(tx, product)
	if err != nil || d.Value.DisplayOrder == nil {
		return err
	}
	is := func(other string) bool { return other == arn }
	o := d.Value.DisplayOrder
	if aws.ToString(o.OverviewPageArn) == arn {
		o.OverviewPageArn = nil
	}
	o.ProductPageArns = slices.DeleteFunc(o.ProductPageArns, is)
	for i := range o.Contents {
		o.Contents[i].ProductRestEndpointPageArns = slices.DeleteFunc(o.Contents[i].ProductRestEndpointPageArns, is)
	}
	return portalProducts.Put(tx, d)
}

// changePage changes a page of a product.
func changePage[T any](ctx context.Context, s *Service, pages part[T], product, id *string, fn func(*store.Tx, store.Document[T]) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := pages.find(tx, ofProduct(product, nil), id)
		if err != nil {
			return err
		}
		return fn(tx, d)
	})
}

// deletePage removes a page of a product, from its order too.
func deletePage[T any](ctx context.Context, s *Service, pages part[T], product, id *string, arn func(T) *string) error {
	return changePage(ctx, s, pages, product, id, func(tx *store.Tx, d store.Document[T]) error {
		if err := pages.Delete(tx, d.ID); err != nil {
			return err
		}
		return forgetPage(tx, d.Parent.ID, *arn(d.Value))
	})
}

// DeletePortalProduct removes a product with its pages. Published portals show it until they are published
// again.
func (s *Service) DeletePortalProduct(ctx context.Context, in *sdk.DeletePortalProductInput) (*sdk.DeletePortalProductOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortalProduct(tx, in.PortalProductId, nil)
		if err != nil {
			return err
		}
		return portalProducts.Delete(tx, d.ID)
	})
	return &sdk.DeletePortalProductOutput{}, err
}
