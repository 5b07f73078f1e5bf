package sts

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"postern/emulator/lazyregexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"postern/apigw/policy"
	"postern/emulator/accesskey"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options are what a Service needs.
type Options struct {
	Store *store.Store
	Now   func() time.Time // nil is time.Now: it decides what has expired
	// User is the ARN and the id of the user who has an access key, "" if none has. Nil: there are no users.
	User func(ctx context.Context, accessKeyID string) (arn, id string)
}

// A Service serves the operations of the SDK's sts client.
type Service struct {
	store *store.Store
	now   func() time.Time
	user  func(ctx context.Context, accessKeyID string) (arn, id string)

	mu    sync.RWMutex       // guards what follows
	known map[string]Session // by access key id: sessions never change
}

// maxKnown bounds how many sessions are kept in memory.
const maxKnown = 10000

// Forget makes sessions be read anew: some may have been deleted.
func (s *Service) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = nil
}

// New makes a Service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.User == nil {
		o.User = func(context.Context, string) (arn, id string) { return "", "" }
	}
	return &Service{store: o.Store, now: o.Now, user: o.User}
}

// region is where the store keeps what is global.
const region = "aws-global"

// A Session is what temporary credentials stand for.
type Session struct {
	AccountID string
	Secret    string
	Token     string // that requests must bring besides the signature
	Expires   time.Time
	ARN       string // arn:aws:sts::123456789012:assumed-role/name/session
	UserID    string // AROA…:session

	Role       string   // name of the role
	Policies   []string // texts of the session's own policies, which limit the role's
	PolicyARNs []string // managed ones that do so too
}

// sessions are stored under their access key ids.
var sessions = store.Kind[Session]{Service: "sts", Name: "session"}

// A role is what is read here of the roles of the iam package.
type role struct {
	ID         string
	MaxSession int32
}

var roles = store.Kind[role]{Service: "iam", Name: "role"}

// Session finds the session of an access key id that AssumeRole gave out and that
// has not been forgotten since; it may have expired.
func (s *Service) Session(ctx context.Context, accessKeyID string) (Session, bool) {
	account, ok := accesskey.Account(accessKeyID)
	if !ok || !strings.HasPrefix(accessKeyID, accesskey.Session) {
		return Session{}, false
	}
	s.mu.RLock()
	session, ok := s.known[accessKeyID]
	s.mu.RUnlock()
	if ok {
		return session, !s.forgotten(session)
	}
	var d store.Document[Session]
	err := s.store.View(ctx, store.Scope{Account: account, Region: region}, func(tx *store.Tx) (err error) {
		d, err = sessions.Get(tx, accessKeyID)
		return err
	})
	if err != nil {
		return Session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxKnown {
		s.known = map[string]Session{}
	}
	s.known[accessKeyID] = d.Value
	return d.Value, true
}

// Secret is the secret key of temporary credentials that are valid now.
func (s *Service) Secret(ctx context.Context, accessKeyID string) (secret string, ok bool) {
	session, ok := s.Session(ctx, accessKeyID)
	if !ok || !s.now().Before(session.Expires) {
		return "", false
	}
	return session.Secret, true
}

// Account is the account of temporary credentials that AssumeRole gave out: that
// of the role. For keys from elsewhere, real ones of AWS's included, it is "".
func (s *Service) Account(ctx context.Context, accessKeyID string) string {
	session, _ := s.Session(ctx, accessKeyID)
	return session.AccountID
}

// GetCallerIdentity says who signed the request. Who has neither a session nor the key of a user is the
// root of the account.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	c := wire.CallerFrom(ctx)
	if session, ok := s.Session(ctx, c.AccessKeyID); ok {
		return &sts.GetCallerIdentityOutput{Account: &session.AccountID, Arn: &session.ARN, UserId: &session.UserID}, nil
	}
	if arn, id := s.user(ctx, c.AccessKeyID); arn != "" {
		return &sts.GetCallerIdentityOutput{Account: &c.AccountID, Arn: &arn, UserId: &id}, nil
	}
	return &sts.GetCallerIdentityOutput{
		Account: &c.AccountID,
		Arn:     aws.String("arn:aws:iam::" + c.AccountID + ":root"),
		UserId:  &c.AccountID,
	}, nil
}

// GetAccessKeyInfo reads the account out of an access key id, as AWS does.
func (s *Service) GetAccessKeyInfo(_ context.Context, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	account, ok := accesskey.Account(aws.ToString(in.AccessKeyId))
	if !ok {
		return nil, invalid("The access key ID is invalid")
	}
	return &sts.GetAccessKeyInfoOutput{Account: &account}, nil
}

var (
	rolePattern    = lazyregexp.New(`^arn:aws[\w-]*:iam::(\d{12}):role/(?:[\x21-\x7E]+/)?([\w+=,.@-]{1,64})$`)
	sessionPattern = lazyregexp.New(`^[\w+=,.@-]*$`)
)

func invalid(message string) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationError", "%s", message)
}

// AssumeRole gives out temporary credentials of a role.
//
// Unlike AWS, who may assume the role is not decided by its trust policy, and the
// role need not exist: functions name roles of other accounts that were never made
// here.
func (s *Service) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	arn := rolePattern.FindStringSubmatch(aws.ToString(in.RoleArn))
	if err := checkAssume(in, arn != nil); err != nil {
		return nil, err
	}
	account, name := arn[1], arn[2]
	seconds := int32(3600)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	var out *sts.AssumeRoleOutput
	err := s.store.Update(ctx, store.Scope{Account: account, Region: region}, func(tx *store.Tx) error {
		r, err := roles.Get(tx, strings.ToLower(name))
		if err == nil && in.DurationSeconds != nil && seconds > r.Value.MaxSession {
			return invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
		if err != nil { // none such
			r.Value.ID = imaginedID(*in.RoleArn)
		}
		if err := forget(tx, s.now()); err != nil {
			return err
		}
		key := newKey(tx, account)
		session := Session{
			AccountID: account,
			Secret:    tx.Token(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
			Token:     newToken(tx),
			Expires:   tx.Now().Add(time.Duration(seconds) * time.Second).Truncate(time.Second),
			ARN:       "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + *in.RoleSessionName,
			UserID:    r.Value.ID + ":" + *in.RoleSessionName,
			Role:      name,
		}
		if in.Policy != nil {
			session.Policies = []string{*in.Policy}
		}
		for _, p := range in.PolicyArns {
			session.PolicyARNs = append(session.PolicyARNs, aws.ToString(p.Arn))
		}
		out = answer(key, session, in)
		return sessions.Insert(tx, store.Document[Session]{ID: key, Value: session})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func answer(key string, session Session, in *sts.AssumeRoleInput) *sts.AssumeRoleOutput {
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{Arn: &session.ARN, AssumedRoleId: &session.UserID},
		Credentials: &types.Credentials{
			AccessKeyId: &key, SecretAccessKey: &session.Secret, SessionToken: &session.Token, Expiration: &session.Expires,
		},
		SourceIdentity: in.SourceIdentity,
	}
}

// maxPolicy is how many characters all session policies may have together.
const maxPolicy = 2048

func policySize(in *sts.AssumeRoleInput) int {
	size := len(aws.ToString(in.Policy))
	for _, p := range in.PolicyArns {
		size += len(aws.ToString(p.Arn))
	}
	return size
}

func checkAssume(in *sts.AssumeRoleInput, wellFormed bool) error {
	var c wire.Constraints
	c.Length("roleArn", aws.ToString(in.RoleArn), 20, 2048)
	c.Length("roleSessionName", aws.ToString(in.RoleSessionName), 2, 64)
	c.Pattern("roleSessionName", aws.ToString(in.RoleSessionName), sessionPattern)
	if in.DurationSeconds != nil {
		c.Range("durationSeconds", int(*in.DurationSeconds), 900, 43200)
	}
	switch m := c.Message(); {
	case m != "":
		return invalid(m)
	case !wellFormed:
		return invalid("Request ARN is invalid")
	case in.SerialNumber != nil || in.TokenCode != nil:
		return wire.Errorf(http.StatusForbidden, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	case in.ProvidedContexts != nil || in.MinimumSessionTokenSize != nil:
		return invalid("Postern does not support ProvidedContexts and MinimumSessionTokenSize.")
	case in.Policy != nil && !json.Valid([]byte(*in.Policy)):
		return &types.MalformedPolicyDocumentException{Message: aws.String("This policy contains invalid Json")}
	case in.Policy != nil && !readable(*in.Policy):
		return &types.MalformedPolicyDocumentException{Message: aws.String("Syntax errors in policy.")}
	case policySize(in) > maxPolicy:
		return &types.PackedPolicyTooLargeException{Message: aws.String("Packed size of session policies consumes more than 100% of allotted space, please use smaller policy.")}
	}
	return nil
}

func readable(document string) bool {
	_, err := policy.Parse([]byte(document))
	return err == nil
}

// remembered is how long an expired session is kept, so that its user is told so.
const remembered = 24 * time.Hour

func (s *Service) forgotten(session Session) bool { return s.now().Sub(session.Expires) > remembered }

// forget removes a few of the oldest sessions that have long expired. One that has
// just expired is kept, so that its user is told so.
func forget(tx *store.Tx, now time.Time) error {
	old, err := sessions.List(tx, store.Query{Order: store.ByCreated, Limit: 10})
	for _, d := range old.Documents {
		if err == nil && now.Sub(d.Value.Expires) > remembered {
			err = sessions.Delete(tx, d.ID)
		}
	}
	return err
}

// newKey makes the id of an access key of a session.
func newKey(tx *store.Tx, account string) string {
	return accesskey.New(accesskey.Session, account, [accesskey.Random]byte([]byte(tx.Token(accesskey.Random, string(allBytes())))))
}

// newToken makes a session token, as long as AWS's often are.
func newToken(tx *store.Tx) string {
	return base64.StdEncoding.EncodeToString([]byte("!\n\torigin_ec" + tx.Token(240, string(allBytes()))))
}

func allBytes() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

// imaginedID is the unique id of a role that is not there: always the same one.
func imaginedID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
