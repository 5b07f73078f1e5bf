package wire

import (
	"context"
	"errors"
	"net/http"
	"time"

	"postern/emulator/wire/sigv4"
)

// clockSkew is what management services tolerate of a client's clock.
const clockSkew = 5 * time.Minute

// checkSignature refuses a request that no known key signed, in the words of the
// service's protocol.
func (m *Mux) checkSignature(ctx context.Context, r *http.Request, call *call) error {
	c := call.route.codec
	v := sigv4.Verifier{Secret: m.o.Secret, Now: m.o.Now, Skew: clockSkew, Service: c.signing}
	if v.Secret == nil {
		v.Secret = func(context.Context, string) (string, bool) { return "", false }
	}
	s, err := v.Verify(ctx, r, call.body)
	if err == nil && m.o.Token != nil && m.o.Token(ctx, s.AccessKeyID) != s.Token {
		err = &sigv4.Error{Code: sigv4.UnknownClient, Message: "The security token included in the request is invalid."}
	}
	var refused *sigv4.Error
	if !errors.As(err, &refused) {
		return err
	}
	code, status := refused.Code, http.StatusForbidden
	if c.protocol == awsQuery {
		code = queryCodes[refused.Code]
	}
	if c.protocol == json11 {
		status = http.StatusBadRequest
	}
	return &Error{Status: status, Code: code, Message: refused.Message}
}

// queryCodes are the names of the same errors in the Query protocol.
var queryCodes = map[string]string{
	sigv4.MissingToken:  "MissingAuthenticationToken",
	sigv4.Incomplete:    "IncompleteSignature",
	sigv4.Invalid:       "SignatureDoesNotMatch",
	sigv4.UnknownClient: "InvalidClientTokenId",
	sigv4.ExpiredToken:  "ExpiredToken",
}
