package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/apigw"
	"postern/apigw/websocket"
)

// connectionOf is the id in a path below a stage of the form /@connections/{id}; clients encode it as
// they like.
func connectionOf(path string) (id string, ok bool) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if apigw.UnescapePath(first) != "@connections" || rest == "" {
		return "", false
	}
	return apigw.UnescapePath(rest), true
}

// manage serves apigatewaymanagementapi: POST sends a message to a connection, GET tells of it, DELETE ends it.
func (g *Gateway) manage(w http.ResponseWriter, r *http.Request, x *apigw.Exchange, id string) (status int) {
	x.Request.Path = "/@connections/" + id
	do, ok := connectionOperations[r.Method]
	if !ok || !signed(r) {
		return writeMissingToken(w)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, websocket.MaxMessage+1))
	switch {
	case err != nil:
		return writeMessage(w, http.StatusBadRequest, "BadRequestException", "Bad Request")
	case len(body) > websocket.MaxMessage:
		return writeMessage(w, http.StatusRequestEntityTooLarge, "PayloadTooLargeException", "Message too long")
	}
	x.Request.Body, x.Method = body, x.Stage.Manage
	if err := g.steps(r.Context(), x); err != nil {
		rejection := x.Reject(err)
		g.logRejection(r.Context(), x, rejection)
		renderRejection(x, rejection)
		if rejection.Type == apigw.Throttled {
			return writeMessage(w, http.StatusTooManyRequests, "LimitExceededException", rejection.Text())
		}
		return writeResponse(w, r, x)
	}
	if _, err := base64.URLEncoding.DecodeString(id); err != nil {
		return writeMessage(w, http.StatusBadRequest, "BadRequestException", "Invalid connectionId: "+id)
	}
	c := g.sockets.Find(x.Stage.APIID, x.Stage.Name, id)
	if c == nil {
		return gone(w)
	}
	return do.run(w, c, body)
}

// A connectionOperation is one of the SDK's apigatewaymanagementapi client.
type connectionOperation struct {
	name string
	run  func(w http.ResponseWriter, c *websocket.Conn, body []byte) (status int)
}

// connectionOperations are all there are, by their verbs.
var connectionOperations = map[string]connectionOperation{
	http.MethodPost:   {"PostToConnection", postToConnection},
	http.MethodGet:    {"GetConnection", getConnection},
	http.MethodDelete: {"DeleteConnection", deleteConnection},
}

// ConnectionOperations lists the operations of apigatewaymanagementapi.
func ConnectionOperations() (names []string) {
	for _, op := range connectionOperations {
		names = append(names, op.name)
	}
	slices.Sort(names)
	return names
}

// signed tells whether a request brings a signature. Whether it is good is checked where Postern checks
// those of management requests.
func signed(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || r.URL.Query().Has("X-Amz-Signature")
}

func postToConnection(w http.ResponseWriter, c *websocket.Conn, body []byte) int {
	switch err := c.Send(body); {
	case errors.Is(err, websocket.ErrGone):
		return gone(w)
	case err != nil:
		return writeMessage(w, http.StatusTooManyRequests, "LimitExceededException", "The client does not read what it is sent")
	}
	return writeEmpty(w, http.StatusOK)
}

// A connection is what GET tells: Connection of the SDK.
type connection struct {
	ConnectedAt  string   `json:"connectedAt"`
	Identity     identity `json:"identity"`
	LastActiveAt string   `json:"lastActiveAt"`
}

type identity struct {
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent,omitempty"`
}

const isoTime = "2006-01-02T15:04:05.000Z"

func getConnection(w http.ResponseWriter, c *websocket.Conn, _ []byte) int {
	from := c.Client.(*socketClient)
	body, err := json.Marshal(connection{
		ConnectedAt: iso(c.Opened), LastActiveAt: iso(c.LastActive()), Identity: identity{from.sourceIP, from.userAgent},
	})
	if err != nil {
		return writeMessage(w, http.StatusInternalServerError, "InternalServerErrorException", "Internal server error")
	}
	h := w.Header()
	h["Content-Type"], h["Content-Length"] = []string{defaultType}, []string{strconv.Itoa(len(body))}
	w.Write(body)
	return http.StatusOK
}

func iso(t time.Time) string { return t.UTC().Format(isoTime) }

func deleteConnection(w http.ResponseWriter, c *websocket.Conn, _ []byte) int {
	c.Close(websocket.Deleted)
	return writeEmpty(w, http.StatusNoContent)
}

// gone is the answer about a connection that is not open: its name is all that it says (recorded:
// facts/websocket.md §6).
func gone(w http.ResponseWriter) int {
	w.Header()["x-amzn-ErrorType"] = []string{"GoneException"}
	return writeEmpty(w, http.StatusGone)
}

func writeEmpty(w http.ResponseWriter, status int) int {
	h := w.Header()
	h["Content-Type"] = []string{defaultType}
	if bodyAllowed(status) {
		h["Content-Length"] = []string{"0"}
	}
	w.WriteHeader(status)
	return status
}
