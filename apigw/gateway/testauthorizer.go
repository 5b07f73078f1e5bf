package gateway

import (
	"context"
	"time"

	"postern/apigw"
)

// TestAuthorizer asks an authorizer about a call that comes from no client, and to no method that there is. The
// Exchange has what it said, or the Rejection, and the log.
func (g *Gateway) TestAuthorizer(ctx context.Context, stage *apigw.Stage, ask func(context.Context, *apigw.Exchange) error, call TestCall) (x *apigw.Exchange, took time.Duration) {
	x = g.testExchange(stage, call.Path, call)
	x.Method = &apigw.Method{ResourceID: "test-invoke-resource-id", ResourcePath: "/", Verb: call.Verb} // seen in events of AWS
	if err := ask(ctx, x); err != nil {
		g.logRejection(ctx, x, x.Reject(err))
	}
	return x, g.o.Now().Sub(x.Request.Time)
}
