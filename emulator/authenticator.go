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
	token    string // that comes with the key of a session
	identity apigw.Identity
	own      func(*policy.Request) policy.Decision
}

func (s *signer) Decide(r *policy.Request) policy.Decision { return s.own(r) }

// Authenticate verifies the signature of the request as it came in, whichever form its URL has.
func (a authenticator) Authenticate(ctx context.Context, x *apigw.Exchange) (auth.Caller, error) {
	var who *signer
	v := sigv4.Verifier{
		Service: signedFor(x), Region: x.Stage.Region, Asymmetric: true, Now: a.e.config.Now, Skew: invokeSkew,
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

// signedFor is the service in the scope of signatures.
func signedFor(x *apigw.Exchange) string {
	if x.Stage.Protocol == apigw.FunctionURL {
		return "lambda"
	}
	return "execute-api"
}

// signer finds whose key signed. A key that nobody has is refused, as on AWS, and so is a token that
// is not the key's.
func (a authenticator) signer(ctx context.Context, s *sigv4.Signature) (*signer, error) {
	who, err := a.holder(ctx, s.AccessKeyID)
	if err != nil {
		return nil, err
	}
	if who.identity.UserARN != rootOf(who.identity.AccountID) && who.token != s.Token {
		return nil, sigv4.Unknown()
	}
	return who, nil
}

// holder finds who has an access key that is good now.
func (a authenticator) holder(ctx context.Context, key string) (*signer, error) {
	if secret, ok := a.e.config.AccessKeys[key]; ok {
		return rootSigner(key, secret), nil
	}
	user, err := a.e.iam.Key(ctx, key)
	switch {
	case err != nil:
		return nil, err
	case user == nil:
		return a.session(ctx, key)
	case user.Inactive:
		return nil, sigv4.Unknown()
	}
	return newSigner(user.Secret, user, user.ID, user.ARN), nil
}

func rootOf(account string) string { return "arn:aws:iam::" + account + ":root" }

// rootSigner is the account itself, which may do everything.
func rootSigner(key, secret string) *signer {
	account := wire.AccountOf(key)
	return &signer{
		secret:   secret,
		identity: apigw.Identity{AccountID: account, User: account, UserARN: rootOf(account)},
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

// session finds the session whose key it is.
func (a authenticator) session(ctx context.Context, key string) (*signer, error) {
	session, ok := a.e.sts.Session(ctx, key)
	switch {
	case !ok:
		return nil, sigv4.Unknown()
	case !a.e.config.Now().Before(session.Expires):
		return nil, sigv4.Expired()
	}
	role, err := a.e.iam.Session(ctx, iam.SessionKey{
		AccessKeyID: key, AccountID: session.AccountID, Role: session.Role,
		Policies: session.Policies, PolicyARNs: session.PolicyARNs,
	})
	if err != nil {
		return nil, err
	}
	who := newSigner(session.Secret, role, session.UserID, session.ARN)
	who.token = session.Token
	return who, nil
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
