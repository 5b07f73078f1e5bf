package httpapi

import (
	"strings"

	"postern/apigw"
	"postern/apigw/integration"
)

// AuthorizerEvent1 is the event of a Lambda authorizer of format 1.0: that of a proxy integration without the
// body, with the identity sources twice, joined by commas (HTTP API guide, "Control access to HTTP APIs with AWS
// Lambda authorizers"; localstack's tests against AWS read them as equal). What the request has none of is {}.
func AuthorizerEvent1(x *apigw.Exchange, methodARN string, identity []string) []byte {
	joined := strings.Join(identity, ",")
	b := integration.AppendMember(make([]byte, 0, integration.EventSize(x)), `{"version":"1.0","type":"REQUEST","methodArn":`, methodARN)
	b = integration.AppendMember(b, `,"identitySource":`, joined)
	b = integration.AppendMember(b, `,"authorizationToken":`, joined)
	return append(appendRequest1(append(b, ','), x, "{}"), '}')
}

// AuthorizerEvent2 is the event of a Lambda authorizer of format 2.0: that of a proxy integration without the
// body. (Recorded: an event of curl in umccr/htsget, of a browser in events of Lambda's log.)
func AuthorizerEvent2(x *apigw.Exchange, routeARN string, identity []string) []byte {
	b := integration.AppendMember(make([]byte, 0, integration.EventSize(x)), `{"version":"2.0","type":"REQUEST","routeArn":`, routeARN)
	b = integration.AppendList(append(b, `,"identitySource":`...), identity)
	b = AppendRequest(append(b, ','), x)
	return append(AppendParameters(b, x), '}')
}
