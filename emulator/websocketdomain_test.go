package emulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/websocket/wstest"
	"postern/emulator"
)

// A WebSocket API at a custom domain name: ws and wss, with a mapping key, and @connections below it. (Developer
// guide, "Custom domain names for WebSocket APIs": wss://{domain}/{key}.)
func TestAWebSocketAPIAtACustomDomain(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "")
	a := b.server.createSocketAPI(t)
	integration := a.twoWay("$default", mockOf(`{"statusCode": 200}`))
	a.response(integration, `{"at": "$context.domainName", "you": "$context.connectionId"}`)
	a.deploy()
	b.v2Domain(t, "chat.example.com", types.RoutingModeApiMappingOnly)
	b.v2Map(t, "chat.example.com", "rooms", a.id, "prod")

	plain, res := wstest.Dial(t, a.addr, "chat.example.com/rooms")
	if plain == nil {
		t.Fatal(res.Status)
	}
	_, page := get(t, a.url("/_postern/ca.pem"))
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(page)) {
		t.Fatal("no certificate of the CA")
	}
	secure, err := tls.Dial("tcp", a.addr, &tls.Config{ServerName: "chat.example.com", RootCAs: roots, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	encrypted, res := wstest.Handshake(t, secure, "chat.example.com/rooms")
	if encrypted == nil {
		t.Fatal(res.Status)
	}
	for _, c := range []*wstest.Client{plain, encrypted} {
		c.Send(wstest.Fin|wstest.Text, "{}")
		var said struct{ At, You string }
		if _, text := c.Read(); json.Unmarshal([]byte(text), &said) != nil || said.At != "chat.example.com" {
			t.Errorf("got %s", text)
		}
		if _, err := b.atDomain("chat.example.com/rooms").PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &said.You, Data: []byte("hello")}); err != nil {
			t.Error(err)
		}
		c.Wants(wstest.Text, "hello")
	}
	if c, res := wstest.Dial(t, a.addr, "chat.example.com/other"); c != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("another key: %v", res)
	}
}

// atDomain is the SDK's client for connections at a domain, which no DNS knows.
func (b *domainBench) atDomain(at string) *apigatewaymanagementapi.Client {
	c := b.aws()
	c.BaseEndpoint = aws.String("http://" + at)
	c.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", b.addr)
	}}}
	return apigatewaymanagementapi.NewFromConfig(c)
}
