package acm

import (
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options say what a Service works with. Store and Issue are required.
type Options struct {
	Store *store.Store
	// Issue makes a certificate for names, the first of which is its subject.
	Issue func(names []string, key types.KeyAlgorithm) (Material, error)
	// Users are the ARNs of what uses a certificate, in any scope. Nil: nothing ever does.
	Users func(tx *store.Tx, arn string) ([]string, error)
	// Changed is told after a commit that a certificate has new material. Nil: nobody is.
	Changed func(ctx context.Context, arn string)
	Now     func() time.Time // nil is time.Now: it decides what has expired
}

// A Material is a certificate with its key, all PEM.
type Material struct{ Certificate, Chain, Key []byte }

// A Service serves the operations of the SDK's acm client.
type Service struct{ o Options }

// New makes a Service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Users == nil {
		o.Users = func(*store.Tx, string) ([]string, error) { return nil, nil }
	}
	if o.Changed == nil {
		o.Changed = func(context.Context, string) {}
	}
	return &Service{o: o}
}

// A certificate is what is stored of one under its id, the last part of its ARN.
type certificate struct {
	Detail   types.CertificateDetail // without what changes with time: Status, InUseBy
	Material Material
	Tags     map[string]string `json:",omitempty"`
	Token    string            `json:",omitempty"` // of the request, against doing it twice
}

var certificates = store.Kind[certificate]{Service: "acm", Name: "certificate"}

func scopeOf(ctx context.Context) store.Scope {
	c := wire.CallerFrom(ctx)
	return store.Scope{Account: c.AccountID, Region: c.Region}
}

func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	return s.o.Store.Update(ctx, scopeOf(ctx), fn)
}

func (s *Service) view(ctx context.Context, fn func(*store.Tx) error) error {
	return s.o.Store.View(ctx, scopeOf(ctx), fn)
}

func arnOf(sc store.Scope, id string) string {
	return "arn:aws:acm:" + sc.Region + ":" + sc.Account + ":certificate/" + id
}

var arnPattern = lazyregexp.New(`^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(/[\w+=,.@-]+)*$`)

// get reads the certificate that an ARN of the transaction's scope names.
func get(tx *store.Tx, arn *string) (store.Document[certificate], error) {
	var c wire.Constraints
	c.Length("certificateArn", aws.ToString(arn), 20, 2048)
	c.Pattern("certificateArn", aws.ToString(arn), arnPattern)
	if err := violated(c); err != nil {
		return store.Document[certificate]{}, err
	}
	id, ok := strings.CutPrefix(*arn, arnOf(tx.Scope(), ""))
	if !ok {
		return store.Document[certificate]{}, notFound(*arn)
	}
	d, err := certificates.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound(*arn)
	}
	return d, err
}

// Find reads a certificate for who wants to use it: what it says and its material.
// The error is store.ErrNotFound where no account and region has it.
func Find(tx *store.Tx, arn string) (types.CertificateDetail, Material, error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) != 6 {
		return types.CertificateDetail{}, Material{}, store.ErrNotFound
	}
	id := strings.TrimPrefix(part[5], "certificate/")
	d, err := certificates.Get(tx.In(store.Scope{Account: part[4], Region: part[3]}), id)
	return d.Value.Detail, d.Value.Material, err
}

func notFound(arn string) error {
	return &types.ResourceNotFoundException{Message: aws.String("Could not find certificate " + arn + ".")}
}

func invalid(message string) error {
	return wire.Errorf(400, "ValidationException", "%s", message)
}

// violated is the error about what AWS's front end checks, nil where c is empty.
func violated(c wire.Constraints) error {
	if m := c.Message(); m != "" {
		return invalid(m)
	}
	return nil
}
