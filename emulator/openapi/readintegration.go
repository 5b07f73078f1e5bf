package openapi

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// integration reads what the method calls, nil where it says nothing of that. Defaults are left
// to the operation that puts integrations: TimeoutInMillis is 0 where none is given.
func (m *method) integration() *types.Integration {
	n, err := m.Resolve(m.Node.Get(ext("integration")))
	if err != nil {
		m.fail("integration", err)
		return nil
	}
	if !n.Is(Object) {
		return nil
	}
	i := &types.Integration{
		Type:                 types.IntegrationType(strings.ToUpper(n.Get("type").String())),
		HttpMethod:           upper(n.Get("httpMethod")),
		Uri:                  m.place().text(n, "uri"),
		Credentials:          m.place().text(n, "credentials"),
		ConnectionId:         m.place().text(n, "connectionId"),
		ConnectionType:       types.ConnectionType(strings.ToUpper(n.Get("connectionType").String())),
		ContentHandling:      types.ContentHandlingStrategy(strings.ToUpper(n.Get("contentHandling").String())),
		PassthroughBehavior:  upper(n.Get("passthroughBehavior")),
		CacheNamespace:       m.place().text(n, "cacheNamespace"),
		CacheKeyParameters:   n.Get("cacheKeyParameters").Strings(),
		IntegrationTarget:    m.place().text(n, "integrationTarget"),
		ResponseTransferMode: types.ResponseTransferMode(strings.ToUpper(n.Get("responseTransferMode").String())),
		RequestParameters:    m.place().texts(n, "requestParameters"),
		RequestTemplates:     m.place().texts(n, "requestTemplates"),
	}
	if ms := whole(n.Get("timeoutInMillis"), 1); ms != nil { // 1 is out of range
		i.TimeoutInMillis = max(*ms, 1)
	}
	if tls := n.Get("tlsConfig"); tls.Is(Object) {
		i.TlsConfig = &types.TlsConfig{InsecureSkipVerification: tls.Get("insecureSkipVerification").True()}
	}
	m.checkEnums(i)
	m.integrationResponses(i, n.Get("responses"))
	return i
}

// checkEnums refuses what the front end of the single operation refuses.
func (m *method) checkEnums(i *types.Integration) {
	switch {
	case !enum(i.Type):
		//lint:ignore ST1005 these are AWS's words
		m.fail("integration", fmt.Errorf("Invalid integration type specified: %s", i.Type))
	case i.ConnectionType != "" && !enum(i.ConnectionType):
		//lint:ignore ST1005 these are AWS's words
		m.fail("integration", fmt.Errorf("Invalid connection type specified: %s", i.ConnectionType))
	case i.ContentHandling != "" && !enum(i.ContentHandling):
		//lint:ignore ST1005 these are AWS's words
		m.fail("integration", fmt.Errorf("Invalid content handling specified: %s", i.ContentHandling))
	case i.ResponseTransferMode != "" && !enum(i.ResponseTransferMode):
		//lint:ignore ST1005 these are AWS's words
		m.fail("integration", fmt.Errorf("Invalid response transfer mode specified: %s", i.ResponseTransferMode))
	}
}

func upper(n *Node) *string {
	s := optional(n)
	if s != nil {
		*s = strings.ToUpper(*s)
	}
	return s
}

// integrationResponses reads the responses by their selection pattern; "default" stands for none.
func (m *method) integrationResponses(i *types.Integration, all *Node) {
	if !all.Is(Object) {
		return
	}
	i.IntegrationResponses = map[string]types.IntegrationResponse{}
	for k, pattern := range all.Keys {
		n := all.Values[k]
		code, ok := n.Get("statusCode").Scalar()
		if !ok || !status.MatchString(code) {
			//lint:ignore ST1005 these are AWS's words
			m.fail("integration response", fmt.Errorf("Invalid status code specified: %s", code))
			continue
		}
		r := types.IntegrationResponse{
			StatusCode:         aws.String(code),
			ContentHandling:    types.ContentHandlingStrategy(strings.ToUpper(n.Get("contentHandling").String())),
			ResponseParameters: m.place().texts(n, "responseParameters"),
			ResponseTemplates:  m.place().texts(n, "responseTemplates"),
		}
		if r.ContentHandling != "" && !enum(r.ContentHandling) {
			//lint:ignore ST1005 these are AWS's words
			m.fail("integration response", fmt.Errorf("Invalid content handling specified: %s", r.ContentHandling))
		}
		if pattern != "default" {
			r.SelectionPattern = aws.String(pattern)
		}
		if _, again := i.IntegrationResponses[code]; again {
			m.warnf("More than one integration response with status %s of %s. The last one counts.", code, m.place().what)
		}
		i.IntegrationResponses[code] = r
	}
}
