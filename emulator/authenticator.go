package emulator

import (
	"context"
	"errors"
	"net/http"
	"time"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/policy"
	"postern/emulator/iam"
	"postern/emulator/wire"
	"postern/emulator/wire/sigv4"
)

// An authenticator finds who signed a call of an API: a user of IAM, a session of a role, or the
// account's root, whose keys are those of the configuration.
type authenticator struct{ e *Emulator }

// invokeSkew is what API Gateway tolerates of a client's clock (captured: facts/sigv4.md §6).
const invokeSkew = 15 * time.Minute

// A signer is a caller with the key that signed.
type signer struct {
	secret   string
	identity apigw.Identity
	own      func(*policy.Request) policy.Decision
}

func (s *signer) Decide(r *policy.Request) policy.Decision { return s.own(r) }

// Authenticate verifies the signature of the request as it came in, whichever form its URL has.
func (a authenticator) Authenticate(ctx context.Context, x *apigw.Exchange) (auth.Caller, error) {
	var who *signer
	v := sigv4.Verifier{
		Service: "execute-api", Now: a.e.config.Now, Skew: invokeSkew,
		Find: func(ctx context.Context, s *sigv4.Signature) (secret string, err error) {
			if who, err = a.signer(ctx, s); err != nil {
				return "", err
			}
			return who.secret, nil
		},
	}
	s, err := v.Verify(ctx, x.Request.HTTP, x.Request.Body)
	if err != nil {
		return nil, unsigned(err)
	}
	a.e.iam.Used(s.AccessKeyID, x.Request.Time, s.Service, s.Region)
	i := &x.Identity
	i.AccountID, i.AccessKey, i.Caller, i.User, i.UserARN = who.identity.AccountID, s.AccessKeyID, who.identity.User, who.identity.User, who.identity.UserARN
	return who, nil
}

// signer finds whose key signed. A key that nobody has is refused, as on AWS.
func (a authenticator) signer(ctx context.Context, s *sigv4.Signature) (*signer, error) {
	if secret, ok := a.e.config.AccessKeys[s.AccessKeyID]; ok {
		return rootSigner(s.AccessKeyID, secret), nil
	}
	user, err := a.e.iam.Key(ctx, s.AccessKeyID)
	switch {
	case err != nil:
		return nil, err
	case user == nil:
		return a.session(ctx, s)
	case user.Inactive || s.Token != "":
		return nil, sigv4.Unknown()
	}
	return newSigner(user.Secret, user, user.ID, user.ARN), nil
}

// rootSigner is the account itself, which may do everything.
func rootSigner(key, secret string) *signer {
	account := wire.AccountOf(key)
	return &signer{
		secret:   secret,
		identity: apigw.Identity{AccountID: account, User: account, UserARN: "arn:aws:iam::" + account + ":root"},
		own:      func(*policy.Request) policy.Decision { return policy.Allow },
	}
}

func newSigner(secret string, i *iam.Identity, id, arn string) *signer {
	return &signer{
		secret:   secret,
		identity: apigw.Identity{AccountID: i.AccountID, User: id, UserARN: arn},
		own:      i.Decide,
	}
}

// session finds the session whose key signed.
func (a authenticator) session(ctx context.Context, s *sigv4.Signature) (*signer, error) {
	session, ok := a.e.sts.Session(ctx, s.AccessKeyID)
	switch {
	case !ok || session.Token != s.Token:
		return nil, sigv4.Unknown()
	case !a.e.config.Now().Before(session.Expires):
		return nil, sigv4.Expired()
	}
	role, err := a.e.iam.Session(ctx, iam.SessionKey{
		AccessKeyID: s.AccessKeyID, AccountID: session.AccountID, Role: session.Role,
		Policies: session.Policies, PolicyARNs: session.PolicyARNs,
	})
	if err != nil {
		return nil, err
	}
	return newSigner(session.Secret, role, session.UserID, session.ARN), nil
}

// unsigned is the answer to a request whose signature is not good. What has no type of its own is
// styled as DEFAULT_4XX.
func unsigned(err error) error {
	var refused *sigv4.Error
	if !errors.As(err, &refused) {
		return err
	}
	kind := apigw.Default4XX
	switch refused.Code {
	case sigv4.MissingToken:
		kind = apigw.MissingAuthenticationToken
	case sigv4.Invalid:
		kind = apigw.InvalidSignature
	case sigv4.ExpiredToken:
		kind = apigw.ExpiredToken
	}
	return &apigw.Rejection{Type: kind, Status: http.StatusForbidden, ErrorType: refused.Code, Message: refused.Message}
}
