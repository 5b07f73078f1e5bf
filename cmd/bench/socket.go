package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/gobwas/ws"
)

// deploySocket makes a WebSocket API and returns its id. No route is for what the clients say, so that they
// are told that, and with it the ids of their connections.
func deploySocket(ours *child) (string, error) {
	ctx, gw := context.Background(), apigatewayv2.NewFromConfig(ours.config())
	api, err := gw.CreateApi(ctx, &apigatewayv2.CreateApiInput{
		Name: aws.String("bench"), ProtocolType: types.ProtocolTypeWebsocket, RouteSelectionExpression: aws.String("$request.body.action"),
	})
	if err != nil {
		return "", err
	}
	mock, err := gw.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{ApiId: api.ApiId, IntegrationType: types.IntegrationTypeMock})
	if err != nil {
		return "", err
	}
	if _, err := gw.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{
		ApiId: api.ApiId, RouteKey: aws.String("unused"), Target: aws.String("integrations/" + *mock.IntegrationId),
	}); err != nil {
		return "", err
	}
	d, err := gw.CreateDeployment(ctx, &apigatewayv2.CreateDeploymentInput{ApiId: api.ApiId})
	if err != nil {
		return "", err
	}
	_, err = gw.CreateStage(ctx, &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: aws.String("bench"), DeploymentId: d.DeploymentId})
	return *api.ApiId, err
}

// A socket is a client's end of a WebSocket connection.
type socket struct {
	net.Conn
	r    *bufio.Reader
	post []byte // the request that sends it a message through @connections
}

// dialSocket opens a connection.
func dialSocket(addr, host, path string) (*socket, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(2 * time.Minute))
	s := &socket{Conn: conn, r: bufio.NewReaderSize(conn, 512)}
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, host)
	if err == nil {
		var status int
		if status, _, err = readResponse(s.r); err == nil && status != 101 {
			err = fmt.Errorf("status %d, want 101", status)
		}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// say sends a text message.
func (s *socket) say(text string) error {
	return ws.WriteFrame(s.Conn, ws.MaskFrame(ws.NewTextFrame([]byte(text))))
}

// hear reads a text message.
func (s *socket) hear() (string, error) {
	op, payload, err := readFrame(s.r)
	if err == nil && op != ws.OpText {
		err = fmt.Errorf("frame %x %q", op, payload)
	}
	return string(payload), err
}

// askID finds the id of a connection to an API that deploySocket made.
func (s *socket) askID() (string, error) {
	if err := s.say("who am I?"); err != nil {
		return "", err
	}
	text, err := s.hear()
	if err != nil {
		return "", err
	}
	var told struct{ ConnectionID string }
	if err := json.Unmarshal([]byte(text), &told); err != nil || told.ConnectionID == "" {
		return "", fmt.Errorf("no connectionId in %q", text)
	}
	return told.ConnectionID, nil
}

// preparePost signs the request that sends the connection the body.
func (s *socket) preparePost(config aws.Config, host string) error {
	id, err := s.askID()
	if err != nil {
		return err
	}
	path := "/bench/@connections/" + id
	r, err := http.NewRequest("POST", "http://"+host+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	with, err := config.Credentials.Retrieve(context.Background())
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), with, r, hex.EncodeToString(hash[:]), "execute-api", config.Region, time.Now()); err != nil {
		return err
	}
	s.post = request("POST", host, path, body, "Authorization: "+r.Header.Get("Authorization"), "X-Amz-Date: "+r.Header.Get("X-Amz-Date"))
	return nil
}

// dialSockets opens n connections over some clients at once.
func dialSockets(n int, dial func() (*socket, error)) ([]*socket, error) {
	const clients = 16
	all, errs := make([]*socket, n), make([]error, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := c; i < n && errs[c] == nil; i += clients {
				all[i], errs[c] = dial()
			}
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

func closeSockets(all []*socket) {
	for _, s := range all {
		if s != nil {
			s.Close()
		}
	}
}
