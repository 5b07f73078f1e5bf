package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"postern/emulator"
)

// AWS CLI's examples of create-vpc-link and get-vpc-link: a link is PENDING when it is made, AVAILABLE
// when it is looked at.
func TestTheLifeOfAVPCLink(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	v2 := apigatewayv2.NewFromConfig(s.aws())
	made, err := v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{
		Name: aws.String("MyVpcLink"), SubnetIds: []string{"subnet-aaaa", "subnet-bbbb"}, SecurityGroupIds: []string{"sg1234"}, Tags: map[string]string{"a": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if made.VpcLinkStatus != v2types.VpcLinkStatusPending || *made.VpcLinkStatusMessage != "VPC link is provisioning ENIs" ||
		made.VpcLinkVersion != v2types.VpcLinkVersionV2 || made.CreatedDate == nil || len(*made.VpcLinkId) != 6 {
		t.Errorf("%+v", made)
	}
	if _, err := v2.UpdateVpcLink(t.Context(), &apigatewayv2.UpdateVpcLinkInput{VpcLinkId: made.VpcLinkId, Name: aws.String("other")}); err != nil {
		t.Fatal(err)
	}
	got, err := v2.GetVpcLink(t.Context(), &apigatewayv2.GetVpcLinkInput{VpcLinkId: made.VpcLinkId})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Name != "other" || got.VpcLinkStatus != v2types.VpcLinkStatusAvailable || *got.VpcLinkStatusMessage != "VPC link is ready to route traffic" ||
		!slices.Equal(got.SubnetIds, []string{"subnet-aaaa", "subnet-bbbb"}) || !slices.Equal(got.SecurityGroupIds, []string{"sg1234"}) || got.Tags["a"] != "b" {
		t.Errorf("%+v", got)
	}
	api, err := v2.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("n"), ProtocolType: v2types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	backend, err := v2.CreateIntegration(t.Context(), &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: v2types.IntegrationTypeHttpProxy,
		IntegrationMethod: aws.String("ANY"), ConnectionType: v2types.ConnectionTypeVpcLink, ConnectionId: made.VpcLinkId, PayloadFormatVersion: aws.String("1.0"),
		IntegrationUri: aws.String("arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/l/1/2")})
	if err != nil {
		t.Fatal(err)
	}
	route, err := v2.CreateRoute(t.Context(), &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("GET /"), Target: aws.String("integrations/" + *backend.IntegrationId)})
	if err != nil {
		t.Fatal(err)
	}
	remove := func() string {
		return outcome(v2.DeleteVpcLink(t.Context(), &apigatewayv2.DeleteVpcLinkInput{VpcLinkId: made.VpcLinkId}))
	}
	want := "BadRequestException: Cannot delete vpc link. Vpc link '" + *made.VpcLinkId + "', is referenced in [ANY:" + *route.RouteId + "] in format of [Method:Resource]."
	if got := remove(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := v2.DeleteRoute(t.Context(), &apigatewayv2.DeleteRouteInput{ApiId: api.ApiId, RouteId: route.RouteId}); err != nil {
		t.Fatal(err)
	}
	if got := remove(); got != "" {
		t.Errorf("that no route leads through: %s", got)
	}
	list, err := v2.GetVpcLinks(t.Context(), &apigatewayv2.GetVpcLinksInput{})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestWhatVPCLinksRefuse(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	v2 := apigatewayv2.NewFromConfig(s.aws())
	name, none := aws.String("n"), aws.String("none")
	made, err := v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: name, SubnetIds: []string{"subnet-a"}})
	if err != nil || made.SecurityGroupIds == nil || made.Tags == nil {
		t.Fatal(made, err)
	}
	const missing = "NotFoundException: Invalid Vpc Link identifier specified"
	for what, c := range map[string]struct{ got, want string }{
		"no name":        {outcome(v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String(""), SubnetIds: []string{"a"}})), "BadRequestException: Invalid name specified."},
		"a long name":    {outcome(v2.UpdateVpcLink(t.Context(), &apigatewayv2.UpdateVpcLinkInput{VpcLinkId: made.VpcLinkId, Name: aws.String(strings.Repeat("n", 129))})), "BadRequestException: Invalid name specified."},
		"no subnet":      {outcome(v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: name, SubnetIds: []string{}})), "BadRequestException: Invalid subnetIds specified."},
		"eleven subnets": {outcome(v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: name, SubnetIds: make([]string, 11)})), "BadRequestException: Invalid subnetIds specified."},
		"a tag of AWS's": {outcome(v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: name, SubnetIds: []string{"a"}, Tags: map[string]string{"aws:a": ""}})), "BadRequestException: Invalid tag"},
		"get":            {outcome(v2.GetVpcLink(t.Context(), &apigatewayv2.GetVpcLinkInput{VpcLinkId: none})), missing},
		"update":         {outcome(v2.UpdateVpcLink(t.Context(), &apigatewayv2.UpdateVpcLinkInput{VpcLinkId: none})), missing},
		"delete":         {outcome(v2.DeleteVpcLink(t.Context(), &apigatewayv2.DeleteVpcLinkInput{VpcLinkId: none})), missing},
		"a bad page":     {outcome(v2.GetVpcLinks(t.Context(), &apigatewayv2.GetVpcLinksInput{MaxResults: aws.String("x")})), "BadRequestException: Invalid maxResults"},
	} {
		if !strings.HasPrefix(c.got, c.want) {
			t.Errorf("%s: %s, want %s", what, c.got, c.want)
		}
	}
}

// REST API guide, "Set up a private integration": the target is what is called, the URI gives path and Host.
// As aws-samples' pattern apigw-rest-vpclink-pvt-alb-terraform has it.
func TestARestAPIReachesALoadBalancerBehindAVPCLink(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Method+" "+r.Host+r.RequestURI)
	}))
	defer backend.Close()
	const balancer, listener = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/shop/5", "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/shop/5/f"
	s := start(t, emulator.Config{Lambda: processes(t), VPCLinks: map[string]string{balancer: backend.URL}})
	v2 := apigatewayv2.NewFromConfig(s.aws())
	link, err := v2.CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String("link"), SubnetIds: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	integration := apigateway.PutIntegrationInput{
		IntegrationHttpMethod: aws.String("ANY"), Uri: aws.String("http://shop.internal:8080/in/{id}"), ConnectionType: types.ConnectionTypeVpcLink,
		RequestParameters: map[string]string{"integration.request.path.id": "method.request.path.id"},
	}
	for _, target := range []string{balancer, listener} {
		for _, kind := range []types.IntegrationType{types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy} {
			in := integration
			in.Type, in.IntegrationTarget, in.ConnectionId = kind, &target, aws.String("${stageVariables.link}")
			api := s.deployIntegration(t, "GET", &in, nil)
			if res, _ := s.send(t, "GET", api, "some/thing", "", ""); res.StatusCode != 500 {
				t.Errorf("%s, no link: %d", kind, res.StatusCode)
			}
			s.updateStage(t, api, "/variables/link", *link.VpcLinkId)
			if res, body := s.send(t, "GET", api, "some/thing", "", ""); res.StatusCode != 200 || body != "GET shop.internal:8080/in/some/thing" {
				t.Errorf("%s through %s: %d %s", kind, target, res.StatusCode, body)
			}
			got := outcome(v2.DeleteVpcLink(t.Context(), &apigatewayv2.DeleteVpcLinkInput{VpcLinkId: link.VpcLinkId}))
			if !strings.HasPrefix(got, "BadRequestException: Cannot delete vpc link. Vpc link '"+*link.VpcLinkId+"', is referenced in [") || !strings.Contains(got, api+":GET:") {
				t.Errorf("a link in use: %s", got)
			}
			s.reexport(t, api)
		}
	}

	// A link of the second version needs a target. (terraform-provider-aws issue 45230)
	gw := apigateway.NewFromConfig(s.aws())
	api, err := gw.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("n")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gw.PutMethod(t.Context(), &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("NONE")}); err != nil {
		t.Fatal(err)
	}
	in := integration
	in.RestApiId, in.ResourceId, in.HttpMethod, in.Type, in.ConnectionId = api.Id, api.RootResourceId, aws.String("GET"), types.IntegrationTypeHttpProxy, link.VpcLinkId
	in.RequestParameters = nil
	if got := outcome(gw.PutIntegration(t.Context(), &in)); got != "BadRequestException: IntegrationTarget is required for VpcLinkV2" {
		t.Errorf("no target: %s", got)
	}
}

// reexport imports an API's export over it, which keeps the target of its integration.
func (s *server) reexport(t *testing.T, api string) {
	t.Helper()
	gw := apigateway.NewFromConfig(s.aws())
	out, err := gw.GetExport(t.Context(), &apigateway.GetExportInput{RestApiId: &api, StageName: aws.String("s"), ExportType: aws.String("oas30"), Parameters: map[string]string{"extensions": "apigateway"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gw.PutRestApi(t.Context(), &apigateway.PutRestApiInput{RestApiId: &api, Mode: types.PutModeOverwrite, FailOnWarnings: true, Body: out.Body}); err != nil {
		t.Fatal(err)
	}
	resources, err := gw.GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Items {
		for _, m := range r.ResourceMethods {
			if target := aws.ToString(m.MethodIntegration.IntegrationTarget); !strings.HasPrefix(target, "arn:aws:elasticloadbalancing:") {
				t.Errorf("after an import of the export the target is %q", target)
			}
		}
	}
}
