package iam

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// Options are what a Service needs.
type Options struct {
	Store  *store.Store
	Logger *slog.Logger // nil discards
}

// A Service serves the operations of the SDK's iam client, and tells calls of APIs who their
// callers are.
type Service struct {
	store  *store.Store
	logger *slog.Logger
	uses   sync.Map // access key id → use

	mu         sync.RWMutex // guards what follows
	generation int          // counts changes
	identities map[string]*Identity
}

// New makes a Service.
func New(o Options) *Service {
	return &Service{store: o.Store, logger: cmp.Or(o.Logger, slog.New(slog.DiscardHandler))}
}

// Region is where the store keeps what is global.
const Region = "aws-global"

func (s *Service) update(ctx context.Context, fn func(*store.Tx) error) error {
	defer s.Forget()
	return s.store.Update(ctx, store.Scope{Account: wire.CallerFrom(ctx).AccountID, Region: Region}, fn)
}

func (s *Service) view(ctx context.Context, fn func(*store.Tx) error) error {
	return s.store.View(ctx, store.Scope{Account: wire.CallerFrom(ctx).AccountID, Region: Region}, fn)
}

// newID makes a unique id, as AROAJQABLZS4A3QDU576Q; the prefix tells of what.
func newID(tx *store.Tx, prefix string) string {
	return prefix + tx.Token(21-len(prefix), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

// escape is how IAM answers policy documents (RFC 3986).
func escape(document string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(document), "+", "%20"))
}

// missing turns store.ErrNotFound into IAM's error.
func missing(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrNotFound) {
		return noSuchEntity(format, args...)
	}
	return err
}

func noSuchEntity(format string, args ...any) error {
	return &types.NoSuchEntityException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// taken turns store.ErrExists into IAM's error.
func taken(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrExists) {
		return &types.EntityAlreadyExistsException{Message: aws.String(fmt.Sprintf(format, args...))}
	}
	return err
}

func exists(format string, args ...any) error { return taken(store.ErrExists, format, args...) }

func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func limitExceeded(message string) error {
	return &types.LimitExceededException{Message: aws.String(message)}
}

func conflict(message string) error {
	return &types.DeleteConflictException{Message: aws.String(message)}
}

var (
	namePattern     = lazyregexp.New(`^[\w+=,.@-]+$`)
	pathPattern     = lazyregexp.New(`^(\x{002F}|\x{002F}[\x{0021}-\x{007E}]+\x{002F})$`)
	tagKeyPattern   = lazyregexp.New(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	tagValuePattern = lazyregexp.New(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// checks collects violations of what every request is checked for. What does not
// fit a pattern has its own text in IAM, and comes first.
type checks struct {
	wire.Constraints
	first string
}

func (c *checks) name(member string, value *string, max int) {
	v := aws.ToString(value)
	c.Length(member, v, 1, max)
	if v != "" && !namePattern.MatchString(v) && c.first == "" {
		c.first = "The specified value for " + member + " is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
	}
}

func (c *checks) path(value *string) {
	if value == nil {
		return
	}
	c.Length("path", *value, 1, 512)
	if !pathPattern.MatchString(*value) && c.first == "" {
		c.first = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
	}
}

func (c *checks) prefix(value *string) {
	if value != nil && !strings.HasPrefix(*value, "/") && c.first == "" {
		c.first = "The specified value for pathPrefix is invalid. It must begin with / and contain only alphanumeric characters and/or / characters."
	}
}

func (c *checks) maxItems(value *int32) {
	if value != nil {
		c.Range("maxItems", int(*value), 1, 1000)
	}
}

func (c *checks) tags(tags []types.Tag) {
	if len(tags) > maxTags {
		c.Add("tags", fmt.Sprint(len(tags), " tags"), "Member must have length less than or equal to 50")
	}
	for i, t := range tags {
		member := fmt.Sprintf("tags.%d.member.", i+1)
		c.Length(member+"key", aws.ToString(t.Key), 1, 128)
		c.Pattern(member+"key", aws.ToString(t.Key), tagKeyPattern)
		c.Length(member+"value", aws.ToString(t.Value), 0, 256)
		c.Pattern(member+"value", aws.ToString(t.Value), tagValuePattern)
	}
}

func (c *checks) err() error {
	if m := cmp.Or(c.first, c.Message()); m != "" {
		return wire.Errorf(http.StatusBadRequest, "ValidationError", "%s", m)
	}
	return nil
}

const maxTags = 50

// A tag list keeps the order in which keys were first set; keys differ by more
// than case (IAM User Guide, "Tagging").
type tags []types.Tag

func (t tags) with(more []types.Tag) (tags, error) {
	out := slices.Clone(t)
	for _, tag := range more {
		same := func(o types.Tag) bool { return strings.EqualFold(aws.ToString(o.Key), aws.ToString(tag.Key)) }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = tag
		} else {
			out = append(out, tag)
		}
	}
	if len(out) > maxTags {
		return nil, &types.LimitExceededException{Message: aws.String("The number of tags has reached the maximum limit.")}
	}
	return out, nil
}

func (t tags) without(keys []string) tags {
	return slices.DeleteFunc(slices.Clone(t), func(o types.Tag) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, aws.ToString(o.Key)) })
	})
}

// page cuts the part of a list that a marker and a limit select. Lists are sorted
// by key, which the marker holds: it stays valid while the list changes.
func page[T any](items []T, key func(T) string, marker *string, maxItems *int32) (part []T, next *string, truncated bool, err error) {
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if marker != nil {
		after, err := base64.RawURLEncoding.DecodeString(*marker)
		if err != nil {
			return nil, nil, false, wire.Errorf(http.StatusBadRequest, "ValidationError", "Invalid Marker.")
		}
		items = slices.DeleteFunc(items, func(t T) bool { return key(t) <= string(after) })
	}
	if items == nil {
		items = []T{} // an empty list is not an absent one
	}
	n := int(cmp.Or(aws.ToInt32(maxItems), 100))
	if len(items) <= n {
		return items, nil, false, nil
	}
	next = aws.String(base64.RawURLEncoding.EncodeToString([]byte(key(items[n-1]))))
	return items[:n], next, true, nil
}

// denied refuses to change what is AWS's.
func denied(arn string) error {
	return wire.Errorf(http.StatusForbidden, "AccessDenied", "Policy %s is managed by AWS and cannot be changed.", arn)
}
