package wire

import (
	"context"
	"strings"
)

// DefaultAccountID is the account of a caller whose access key id is not itself
// an account id.
const DefaultAccountID = "000000000000"

// A Caller is who sent a management request, as far as the request says.
type Caller struct {
	AccountID   string // 12 digits
	Region      string // from the signature's scope, else the server's default
	AccessKeyID string // "" when the request was not signed
	RequestID   string // UUID, also in the x-amzn-RequestId header of the answer
	UserAgent   string // as the client names itself
	TraceID     string // X-Amzn-Trace-Id, "" for none
	Endpoint    string // scheme://host[:port] the client used to reach us, for URLs in answers
	Body        []byte // of the request: the SDK's inputs do not tell a 0 from nothing
}

// AccountOf is the account that an access key id itself names, else the default account.
func AccountOf(accessKeyID string) string {
	if isAccountID(accessKeyID) {
		return accessKeyID
	}
	return DefaultAccountID
}

// Partition is the part of AWS that a region is in, as ARNs name it.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

type callerKey struct{}

// WithCaller returns a context that carries c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns the Caller that the front put into ctx, or the default
// account in us-east-1 where there is none (work that no request asked for).
func CallerFrom(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(Caller); ok {
		return c
	}
	return Caller{AccountID: DefaultAccountID, Region: "us-east-1"}
}
