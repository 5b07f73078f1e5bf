package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"

	"postern/apigw"
)

// The headers that CloudFront adds to answers of edge-optimized endpoints. The slices are
// shared by all answers: nothing may change them.
var (
	edgeVia   = []string{"1.1 " + apigw.EdgeHost + " (CloudFront)"}
	edgePop   = []string{"IAD89-P1"}
	edgeMiss  = []string{"Miss from cloudfront"}
	edgeError = []string{"Error from cloudfront"}
)

// addEdge sets the headers of an answer that passes CloudFront.
func addEdge(h http.Header, id string, status int) {
	h["X-Amz-Cf-Pop"], h["X-Amz-Cf-Id"] = edgePop, []string{id}
	if before := h["Via"]; before != nil {
		h["Via"] = append(slices.Clip(before), edgeVia...)
	} else {
		h["Via"] = edgeVia
	}
	if h["X-Cache"] = edgeMiss; status >= 400 {
		h["X-Cache"] = edgeError
	}
}

// edge tells whether a request passes CloudFront: the custom domain's endpoint decides, else the API's.
func edge(s *apigw.Stage, t target) bool {
	if t.domain != nil {
		return t.domain.Edge
	}
	return s.EndpointType == apigw.EndpointEdge
}

// newEdgeID makes a value of X-Amz-Cf-Id: 56 characters, the last two "==".
func (g *Gateway) newEdgeID() string {
	var b [40]byte
	for i := 0; i < len(b); i += 8 {
		binary.BigEndian.PutUint64(b[i:], g.o.Random())
	}
	return base64.URLEncoding.EncodeToString(b[:])
}
