package apigatewayv2

import (
	"cmp"
	"context"
	"postern/emulator/lazyregexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/domainname"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// A storedPortal is what is stored of a portal.
type storedPortal struct {
	PortalId, PortalArn                         *string
	Authorization                               *types.Authorization
	EndpointConfiguration                       *types.EndpointConfigurationResponse
	IncludedPortalProductArns                   []string
	LastModified, LastPublished                 *time.Time
	LastPublishedDescription, RumAppMonitorName *string
	LogoUri                                     *string `json:",omitempty"`
	PortalContent                               *types.PortalContent
	Preview                                     *types.Preview
	PublishStatus                               types.PublishStatus
	StatusException                             *types.StatusException
	Tags                                        map[string]string
}

var portals = store.Kind[storedPortal]{Service: service, Name: "portal"}

func portalDocument(p storedPortal) store.Document[storedPortal] {
	return store.Document[storedPortal]{ID: *p.PortalId, Name: *p.PortalContent.DisplayName, Value: p}
}

func getPortal(tx *store.Tx, id *string) (store.Document[storedPortal], error) {
	d, err := portals.Get(tx, aws.ToString(id))
	return d, missing(err, "Invalid portal identifier specified")
}

// changePortal changes a portal and stores it.
func (s *Service) changePortal(ctx context.Context, id *string, fn func(*store.Tx, *storedPortal) error) (p storedPortal, err error) {
	err = s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortal(tx, id)
		if err != nil {
			return err
		}
		p = d.Value
		if err := fn(tx, &p); err != nil {
			return err
		}
		return portals.Put(tx, portalDocument(p))
	})
	return p, err
}

// CreatePortal adds a portal, which nobody sees before it is published.
func (s *Service) CreatePortal(ctx context.Context, in *sdk.CreatePortalInput) (*sdk.CreatePortalOutput, error) {
	p := storedPortal{
		Authorization: in.Authorization, PortalContent: in.PortalContent, IncludedPortalProductArns: in.IncludedPortalProductArns,
		LogoUri: text(in.LogoUri), RumAppMonitorName: text(in.RumAppMonitorName), Tags: in.Tags, PublishStatus: types.PublishStatusDisabled,
	}
	if p.IncludedPortalProductArns == nil {
		p.IncludedPortalProductArns = []string{}
	}
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		if err := checkProducts(tx, p.IncludedPortalProductArns); err != nil {
			return err
		}
		p.PortalId, p.LastModified = aws.String(tx.ID(10)), now(tx)
		p.PortalArn = portalARN(tx.Scope(), "/portals/"+*p.PortalId)
		p.EndpointConfiguration = &types.EndpointConfigurationResponse{
			PortalDefaultDomainName:  aws.String("p-" + *p.PortalId + ".apigw-portal." + tx.Scope().Region + ".on.aws"),
			PortalDomainHostedZoneId: aws.String(domainname.EdgeZone),
		}
		if err := s.takeName(tx, &p, in.EndpointConfiguration); err != nil {
			return err
		}
		return portals.Insert(tx, portalDocument(p))
	})
	if err == nil {
		s.publishNames(ctx, p.EndpointConfiguration.DomainName)
	}
	return wire.Answer[sdk.CreatePortalOutput](p, err)
}

// takeName gives a portal the domain name that is asked for, or none.
func (s *Service) takeName(tx *store.Tx, p *storedPortal, in *types.EndpointConfigurationRequest) error {
	if (in.AcmManaged == nil) == (in.None == nil) {
		return badRequest("Invalid endpointConfiguration specified. It has either none or acmManaged.")
	}
	e := p.EndpointConfiguration
	if e.DomainName != nil {
		if err := domainname.ReleasePortal(tx, *e.DomainName); err != nil {
			return err
		}
	}
	e.DomainName, e.CertificateArn = nil, nil
	if in.None != nil {
		return nil
	}
	e.DomainName, e.CertificateArn = in.AcmManaged.DomainName, in.AcmManaged.CertificateArn
	return s.domains.TakeForPortal(tx, *e.DomainName, domainname.Portal{ID: *p.PortalId, CertificateARN: *e.CertificateArn})
}

var colorPattern = lazyregexp.New(`^[#A-Za-z0-9(),.% ]{1,16}$`)

// check refuses what no portal is.
func (p *storedPortal) check() error {
	if a := p.Authorization; (a.None == nil) == (a.CognitoConfig == nil) {
		return badRequest("Invalid authorization specified. It has either none or cognitoConfig.")
	}
	c := p.PortalContent
	if c.Theme.CustomColors == nil {
		return badRequest("Invalid theme specified. It must have customColors.")
	}
	for _, color := range colorsOf(c.Theme.CustomColors) {
		if !colorPattern.MatchString(aws.ToString(color)) {
			return badRequest("Invalid color specified: %s", aws.ToString(color))
		}
	}
	return cmp.Or(sized("displayName", c.DisplayName, 3, 255), sized("description", c.Description, 0, 1024),
		sized("rumAppMonitorName", p.RumAppMonitorName, 0, 255), sized("logoUri", p.LogoUri, 0, 1092), apigateway.CheckTags(p.Tags))
}

func colorsOf(c *types.CustomColors) []*string {
	return []*string{c.AccentColor, c.BackgroundColor, c.ErrorValidationColor, c.HeaderColor, c.NavigationColor, c.TextColor}
}

// checkProducts wants the products that ARNs name. One that is deleted later just shows no more.
func checkProducts(tx *store.Tx, arns []string) error {
	for _, arn := range arns {
		if _, err := productOfARN(tx, arn); err != nil {
			return badRequest("Invalid portal product ARN specified: %s", arn)
		}
	}
	return nil
}

// productOfARN reads the product that an ARN names, or store.ErrNotFound.
func productOfARN(tx *store.Tx, arn string) (portalProduct, error) {
	prefix := *portalARN(tx.Scope(), "/portalproducts/")
	if len(arn) <= len(prefix) || arn[:len(prefix)] != prefix {
		return portalProduct{}, store.ErrNotFound
	}
	d, err := portalProducts.Get(tx, arn[len(prefix):])
	return d.Value, err
}

// GetPortal reads a portal.
func (s *Service) GetPortal(ctx context.Context, in *sdk.GetPortalInput) (*sdk.GetPortalOutput, error) {
	var p storedPortal
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getPortal(tx, in.PortalId)
		p = d.Value
		return err
	})
	return wire.Answer[sdk.GetPortalOutput](p, err)
}

// ListPortals lists portals, oldest first.
func (s *Service) ListPortals(ctx context.Context, in *sdk.ListPortalsInput) (*sdk.ListPortalsOutput, error) {
	out := &sdk.ListPortalsOutput{Items: []types.PortalSummary{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		found, next, err := page(tx, portals, store.Query{Order: store.ByCreated}, in.MaxResults, in.NextToken)
		for _, p := range found {
			summary, _ := wire.Answer[types.PortalSummary](p, nil)
			out.Items = append(out.Items, *summary)
		}
		out.NextToken = next
		return err
	})
	return out, err
}

// UpdatePortal changes what of a portal the input names. Readers see it when the portal is published again.
func (s *Service) UpdatePortal(ctx context.Context, in *sdk.UpdatePortalInput) (*sdk.UpdatePortalOutput, error) {
	var before *string
	p, err := s.changePortal(ctx, in.PortalId, func(tx *store.Tx, p *storedPortal) error {
		before = p.EndpointConfiguration.DomainName
		set(&p.Authorization, in.Authorization)
		set(&p.PortalContent, in.PortalContent)
		setText(&p.LogoUri, in.LogoUri)
		setText(&p.RumAppMonitorName, in.RumAppMonitorName)
		if in.IncludedPortalProductArns != nil {
			p.IncludedPortalProductArns = in.IncludedPortalProductArns
		}
		p.LastModified = now(tx)
		if err := cmp.Or(p.check(), checkProducts(tx, in.IncludedPortalProductArns)); err != nil || in.EndpointConfiguration == nil {
			return err
		}
		return s.takeName(tx, p, in.EndpointConfiguration)
	})
	if err == nil {
		s.publishNames(ctx, before, p.EndpointConfiguration.DomainName)
	}
	return wire.Answer[sdk.UpdatePortalOutput](p, err)
}

// publishNames tells who serves names that they have a portal, or have one no more.
func (s *Service) publishNames(ctx context.Context, names ...*string) {
	for _, name := range names {
		if name != nil {
			s.domains.Publish(ctx, *name)
		}
	}
}

// DeletePortal removes a portal that is not published.
func (s *Service) DeletePortal(ctx context.Context, in *sdk.DeletePortalInput) (*sdk.DeletePortalOutput, error) {
	var name *string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getPortal(tx, in.PortalId)
		if err != nil {
			return err
		}
		if d.Value.PublishStatus != types.PublishStatusDisabled {
			return badRequest("The portal must be disabled before it can be deleted.")
		}
		if name = d.Value.EndpointConfiguration.DomainName; name != nil {
			if err := domainname.ReleasePortal(tx, *name); err != nil {
				return err
			}
		}
		return portals.Delete(tx, d.ID)
	})
	if err == nil {
		s.publishNames(ctx, name)
	}
	return &sdk.DeletePortalOutput{}, err
}
