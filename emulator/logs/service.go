package logs

import (
	"context"
	"errors"
	"log/slog"
	"postern/emulator/lazyregexp"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options are what a Service needs.
type Options struct {
	Store  *store.Store
	Logger *slog.Logger // nil is slog.Default
}

// A Service serves the operations of the SDK's cloudwatchlogs client.
type Service struct {
	store  *store.Store
	logger *slog.Logger

	mu    sync.Mutex // guards the rest
	swept map[groupKey]time.Time
	open  map[streamKey]*batch // that take more events
}

// A groupKey names a group among all accounts and regions.
type groupKey struct {
	scope store.Scope
	name  string
}

// New makes a Service.
func New(o Options) *Service {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Service{store: o.Store, logger: o.Logger, swept: map[groupKey]time.Time{}, open: map[streamKey]*batch{}}
}

// A group is what is stored of a log group under its name.
type group struct {
	Retention int32 `json:",omitempty"` // days; 0 is for ever
	Protected bool  `json:",omitempty"` // from deletion
	Tags      map[string]string
}

// A stream is stored under "group:stream"; neither name may have a colon.
type stream struct{}

var (
	groups  = store.Kind[group]{Service: "logs", Name: "group"}
	streams = store.Kind[stream]{Service: "logs", Name: "stream"}
	events  = store.Log{Service: "logs", Group: "group", Stream: "stream"}
)

func streamID(group, stream string) string { return group + ":" + stream }

// streamName is the part of a stream's id that follows its group.
func streamName(id string) string {
	_, name, _ := strings.Cut(id, ":")
	return name
}

func scopeOf(ctx context.Context) store.Scope {
	c := wire.CallerFrom(ctx)
	return store.Scope{Account: c.AccountID, Region: c.Region}
}

// update and view are one transaction of the caller's scope each. A view sees all
// that was appended before.
func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.Update(ctx, scopeOf(ctx), fn)
}

func (s *Service) view(ctx context.Context, fn func(*store.Tx) error) error {
	if err := s.store.Flush(ctx); err != nil {
		return err
	}
	return s.store.View(ctx, scopeOf(ctx), fn)
}

func groupARN(sc store.Scope, name string) string {
	return "arn:aws:logs:" + sc.Region + ":" + sc.Account + ":log-group:" + name
}

// getGroup reads a group, or fails as AWS does where it is not there.
func getGroup(tx *store.Tx, name string) (store.Document[group], error) {
	d, err := groups.Get(tx, name)
	return d, notFound(err, "The specified log group does not exist.")
}

// getStream reads a stream of a group that may not be there either.
func getStream(tx *store.Tx, group, name string) error {
	if _, err := getGroup(tx, group); err != nil {
		return err
	}
	_, err := streams.Get(tx, streamID(group, name))
	return notFound(err, "The specified log stream does not exist.")
}

func notFound(err error, message string) error {
	if errors.Is(err, store.ErrNotFound) {
		return &types.ResourceNotFoundException{Message: aws.String(message)}
	}
	return err
}

func exists(err error, message string) error {
	if errors.Is(err, store.ErrExists) {
		return &types.ResourceAlreadyExistsException{Message: aws.String(message)}
	}
	return err
}

func invalid(message string) error {
	return &types.InvalidParameterException{Message: aws.String(message)}
}

var (
	groupPattern  = lazyregexp.New(`^[\.\-_/#A-Za-z0-9]+$`)
	streamPattern = lazyregexp.New(`^[^:*]*$`)
)

// checks collects violations of what every request is checked for.
type checks struct{ wire.Constraints }

func (c *checks) group(name *string) {
	c.Length("logGroupName", aws.ToString(name), 1, 512)
	c.Pattern("logGroupName", aws.ToString(name), groupPattern)
}

func (c *checks) stream(member string, name *string) {
	c.Length(member, aws.ToString(name), 1, 512)
	c.Pattern(member, aws.ToString(name), streamPattern)
}

func (c *checks) limit(limit *int32, max int) {
	if limit != nil {
		c.Range("limit", int(*limit), 1, max)
	}
}

func (c *checks) err() error {
	if m := c.Message(); m != "" {
		return invalid(m)
	}
	return nil
}

// groupOf is the group that a request names, either plainly or by identifier: a
// name or an ARN, with or without ":*" at its end.
func groupOf(ctx context.Context, name, identifier *string) (string, error) {
	switch {
	case name != nil && identifier != nil:
		return "", invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters.")
	case name == nil && identifier == nil:
		return "", invalid("Exactly one of logGroupName or logGroupIdentifier must be specified.")
	case name == nil:
		plain, err := groupFromIdentifier(ctx, *identifier)
		if err != nil {
			return "", err
		}
		name = &plain
	}
	var c checks
	c.group(name)
	return *name, c.err()
}

func groupFromIdentifier(ctx context.Context, identifier string) (string, error) {
	if !strings.HasPrefix(identifier, "arn:") {
		return identifier, nil
	}
	name, ok := strings.CutPrefix(identifier, groupARN(scopeOf(ctx), ""))
	if !ok {
		return "", notFound(store.ErrNotFound, "The specified log group does not exist.")
	}
	return strings.TrimSuffix(name, ":*"), nil
}
