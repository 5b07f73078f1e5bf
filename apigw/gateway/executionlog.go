package gateway

import (
	"crypto/md5"
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"unicode/utf8"

	"postern/apigw"
)

// Logs takes what is logged of calls. It does not wait until it is stored.
type Logs interface {
	// Append adds lines to a stream of a group of CloudWatch Logs.
	Append(group apigw.LogDestination, stream string, lines []apigw.LogLine)
	// Deliver gives a record to a delivery stream of Firehose.
	Deliver(stream apigw.LogDestination, record []byte)
}

// openLog begins the execution log of a call whose method has one.
func (g *Gateway) openLog(x *apigw.Exchange) {
	if x.Method.Logging == nil || g.o.Logs == nil {
		return
	}
	x.Log = &apigw.ExecutionLog{Data: x.Method.Logging.Data, Now: g.o.Now}
	x.Log.Printf("Extended Request Id: %s", x.Request.ExtendedID)
}

// logAnswer prints what a method that ran to its end answers.
func logAnswer(x *apigw.Exchange) {
	l := x.Log
	if l == nil {
		return
	}
	if x.Response.Stream == nil {
		l.Body("Method response body after transformations", x.Response.Body, !utf8.Valid(x.Response.Body))
	}
	l.Map("Method response headers", traceFirst(x.Response.Header))
	l.Printf("Successfully completed execution")
}

// endLog prints how a call ended.
func endLog(x *apigw.Exchange, status int) {
	l := x.Log
	if l == nil {
		return
	}
	l.Printf("Method completed with status: %d", status)
	if id := x.Endpoint.Call.RequestID; id != "" && x.Request.Test == nil {
		l.Printf("AWS Integration Endpoint RequestId : %s", id)
	}
	if x.Stage.Tracing && x.Request.Test == nil {
		l.Printf("X-ray Tracing ID : Root=%s", x.XRayTraceID())
	}
}

// traceFirst is a header in the order of logs of AWS, where X-Amzn-Trace-Id is the first (recorded).
func traceFirst(h apigw.Header) apigw.Header {
	ordered := make(apigw.Header, 0, len(h))
	for _, first := range []bool{true, false} {
		for _, f := range h {
			if (f.Name == "X-Amzn-Trace-Id") == first {
				ordered = append(ordered, f)
			}
		}
	}
	return ordered
}

// writeLog hands the execution log over, in AWS's groups.
func (g *Gateway) writeLog(x *apigw.Exchange) {
	if x.Log == nil || x.Method.Logging.FailuresOnly && x.Rejection == nil {
		return
	}
	group := "API-Gateway-Execution-Logs_" + x.Stage.APIID + "/" + x.Stage.Name
	switch {
	case x.Canary:
		group += "/Canary"
	case x.Stage.Protocol == apigw.WebSocket:
		group = "/aws/apigateway/" + x.Stage.APIID + "/" + x.Stage.Name
	}
	prefix := "(" + x.Request.ID + ") "
	lines := x.Log.Lines
	for i := range lines {
		lines[i].Text = prefix + lines[i].Text
	}
	g.o.Logs.Append(apigw.LogDestination{AccountID: x.Stage.AccountID, Region: x.Stage.Region, Name: group}, logStream(group), lines)
}

// streams is how many streams API Gateway spreads a group over.
const streams = 300

// logStream is a stream of a group. Streams seen on AWS are named by the MD5 of a small number; what
// gives the number is not known. Here it is the group, so that a group has one stream and events stay
// in their order.
func logStream(group string) string {
	h := fnv.New32a()
	h.Write([]byte(group))
	sum := md5.Sum([]byte(strconv.Itoa(int(h.Sum32() % streams))))
	return hex.EncodeToString(sum[:])
}
