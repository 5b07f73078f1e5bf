package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"postern/apigw"
)

// newRequestID makes a UUID, version 4.
func (g *Gateway) newRequestID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], g.o.Random())
	binary.BigEndian.PutUint64(b[8:], g.o.Random())
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:8], b[:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// newExtendedID makes a value of x-amz-apigw-id: 16 characters, the last "=".
func (g *Gateway) newExtendedID() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], g.o.Random())
	binary.BigEndian.PutUint64(b[8:], g.o.Random())
	return base64.URLEncoding.EncodeToString(b[:11])
}

// newTraceID makes the root of a trace: Root=1-{8 hex of the time}-{24 hex}.
func (g *Gateway) newTraceID(now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], g.o.Random())
	binary.BigEndian.PutUint64(b[8:], g.o.Random())
	seconds := strconv.FormatInt(now.Unix(), 16)
	return "Root=1-" + seconds + "-" + hex.EncodeToString(b[:12])
}

// newSegmentID makes the parent of a trace: 16 hex.
func (g *Gateway) newSegmentID() string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], g.o.Random())
	return hex.EncodeToString(b[:])
}

// identify puts the ids of a request into its answer.
func identify(h http.Header, x *apigw.Exchange) {
	h["x-amzn-RequestId"] = []string{x.Request.ID}
	h["x-amz-apigw-id"] = []string{x.Request.ExtendedID}
}

// identifyHTTP is identify for HTTP APIs, which have the one id that REST APIs call the extended one. They
// take every request as HTTP/1.1: the front is in between (seen in events of browsers,
// milliHQ/terraform-aws-next-js#31).
func identifyHTTP(h http.Header, x *apigw.Exchange) {
	delete(h, "x-amzn-RequestId")
	delete(h, "x-amz-apigw-id")
	x.Request.ID, x.Request.Protocol = x.Request.ExtendedID, "HTTP/1.1"
	h["Apigw-Requestid"] = []string{x.Request.ID}
}
