package s3

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/emulator/wire/sigv4"
)

// Options are what a Service works with.
type Options struct {
	Store  *store.Store
	Dir    string       // where the contents of objects are kept
	Logger *slog.Logger // nil discards

	DefaultRegion string // of requests that name none; "" is us-east-1

	// Verify refuses requests that no known key signed.
	Verify bool
	Secret func(ctx context.Context, accessKeyID string) (secret string, ok bool)
	Token  func(ctx context.Context, accessKeyID string) string
	// Account names the account of an access key, "" for the default one. Nil knows none.
	Account func(ctx context.Context, accessKeyID string) string

	Now func() time.Time // nil is time.Now
}

// A Service is Amazon S3.
type Service struct {
	o          Options
	contents   *contents
	operations map[string][]operation // by method and level
}

// New makes a Service and begins to remove the contents that an earlier one has left behind.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.DefaultRegion == "" {
		o.DefaultRegion = "us-east-1"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := openContents(ctx, o.Dir, o.Store, o.Logger)
	if err != nil {
		return nil, fmt.Errorf("contents of S3: %w", err)
	}
	s := &Service{o: o, contents: c, operations: map[string][]operation{}}
	for _, op := range operations() {
		key := op.method + string(op.at)
		s.operations[key] = append(s.operations[key], op)
	}
	return s, nil
}

// Close ends what runs in the background.
func (s *Service) Close() { s.contents.close() }

// Reset removes the contents of what a reset of the store has deleted.
func (s *Service) Reset() { s.contents.sweep() }

// A call is one request.
type call struct {
	*Service
	w  http.ResponseWriter
	r  *http.Request
	id string

	bucket, key string
	query       map[string][]string
	account     string
	region      string        // of the signature
	chunks      *sigv4.Chunks // of a body that is signed piece by piece; nil: not looked at
}

// ServeHTTP answers a request that Matches.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 && r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		// net/http has this said when a body is read, and closes the connection where none is; without a body it does
		// neither, and botocore takes the next answer on the connection for the one to this request.
		w.WriteHeader(http.StatusContinue)
	}
	c := &call{Service: s, w: w, r: r, id: requestID(), query: r.URL.Query()}
	w.Header().Set("x-amz-request-id", c.id)
	w.Header().Set("x-amz-id-2", base64.StdEncoding.EncodeToString([]byte(c.id+c.id+c.id)))
	w.Header().Set("Server", "AmazonS3")
	defer c.recovered()
	if err := c.serve(); err != nil {
		c.refuse(err)
	}
}

func requestID() string {
	var b [8]byte
	rand.Read(b[:])
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

func (c *call) serve() error {
	c.bucket, c.key = address(c.r)
	accessKey, region, _ := wire.ScopeOf(c.r)
	if signedV2(c.r) {
		accessKey = c.accessKeyV2()
	}
	c.region, c.account = region, wire.AccountOf(accessKey)
	if c.region == "" {
		c.region = c.o.DefaultRegion
	}
	if c.o.Account != nil && accessKey != "" {
		if account := c.o.Account(c.r.Context(), accessKey); account != "" {
			c.account = account
		}
	}
	if done, err := c.cors(); done || err != nil {
		return err
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	op, err := c.find()
	if err != nil {
		return err
	}
	if len(c.key) > maxKey {
		return &Error{Status: 400, Code: "KeyTooLongError", Message: "Your key is too long"}
	}
	if strings.ContainsRune(c.key, 0) {
		return invalidArgument("Object keys with NUL are not supported by Postern.") // Unlike AWS, which takes them.
	}
	return op.run(c)
}

// maxKey is the length of an object's key in bytes ("Naming Amazon S3 objects", S3 User Guide).
const maxKey = 1024

func (c *call) refuse(err error) {
	var e *Error
	var full *store.WriteError
	switch {
	case errors.As(err, &e):
	case errors.As(err, &full):
		e = &Error{Status: 500, Code: "InternalError", Message: full.ErrorMessage()}
	case c.r.Context().Err() != nil:
		e = &Error{Status: 400, Code: "RequestTimeout", Message: "Your socket connection to the server was not read from or written to within the timeout period."}
	default:
		c.o.Logger.Error("S3 request failed", "request_id", c.id, "method", c.r.Method, "path", c.r.URL.Path, "error", err)
		e = &Error{Status: 500, Code: "InternalError", Message: "We encountered an internal error. Please try again."}
	}
	c.writeError(e)
}

// recovered answers for an operation that panicked.
func (c *call) recovered() {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	c.refuse(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

func (c *call) secret(ctx context.Context, accessKeyID string) (string, bool) {
	if c.o.Secret == nil {
		return "", false
	}
	return c.o.Secret(ctx, accessKeyID)
}

func (c *call) has(parameter string) bool { _, ok := c.query[parameter]; return ok }

func (c *call) get(parameter string) string {
	if v := c.query[parameter]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *call) header(name string) string { return c.r.Header.Get(name) }
