package gateway

import (
	"net/http"
	"strings"

	"postern/apigw"
)

// A counter counts what is written of a body.
type counter struct {
	http.ResponseWriter
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// writeAccess writes the line of a call that was answered.
func (g *Gateway) writeAccess(x *apigw.Exchange, status int, length int64) {
	now := g.o.Now()
	x.Sent = apigw.Sent{Status: status, Length: length, Latency: now.Sub(x.Request.Time)}
	to := x.Stage.AccessLog
	line := to.Append(nil, x)
	if to.Delivery {
		g.o.Logs.Deliver(to.To, line)
		return
	}
	g.o.Logs.Append(to.To, logStream(to.To.Name), []apigw.LogLine{{Time: now, Text: strings.TrimRight(string(line), "\r\n")}})
}
