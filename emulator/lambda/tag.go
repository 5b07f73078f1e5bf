package lambda

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/emulator/store"
	"postern/emulator/wire"
)

const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// TagResource adds tags to a function or an event source mapping.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	if len(in.Tags) == 0 {
		return nil, invalid("An error occurred and the request cannot be processed.")
	}
	err := s.retag(ctx, "lambda:TagResource", in.Resource, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.TagResourceOutput{}, nil
}

// UntagResource removes tags; those that are not there do not matter.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	if len(in.TagKeys) == 0 {
		return nil, wire.Errorf(400, "ValidationException",
			"1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null")
	}
	err := s.retag(ctx, "lambda:UntagResource", in.Resource, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sdk.UntagResourceOutput{}, nil
}

// ListTags reads the tags of a function or an event source mapping.
func (s *Service) ListTags(ctx context.Context, in *sdk.ListTagsInput) (*sdk.ListTagsOutput, error) {
	r, err := taggedOf(ctx, "lambda:ListTags", in.Resource)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTagsOutput{Tags: map[string]string{}}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		return r.use(tx, func(tags map[string]string) (map[string]string, error) {
			maps.Copy(out.Tags, tags)
			return nil, nil
		})
	})
	return out, err
}

// retag changes the tags of what an ARN names.
func (s *Service) retag(ctx context.Context, action string, resource *string, change func(map[string]string) error) error {
	r, err := taggedOf(ctx, action, resource)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		return r.use(tx, func(tags map[string]string) (map[string]string, error) {
			if tags == nil {
				tags = map[string]string{}
			}
			return tags, change(tags)
		})
	})
}

// A tagged is what has tags: a function, or an event source mapping by its UUID.
type tagged struct {
	ref
	mapping string
}

// use gives the tags to a function, and keeps what it makes of them unless that is nil.
func (t tagged) use(tx *store.Tx, fn func(map[string]string) (map[string]string, error)) error {
	if t.mapping != "" {
		d, err := getMapping(tx, &t.mapping)
		if err != nil {
			return err
		}
		tags, err := fn(d.Value.Tags)
		if err != nil || tags == nil {
			return err
		}
		d.Value.Tags = tags
		return mappings.Put(tx, d)
	}
	d, err := findFunction(tx, t.ref)
	if err != nil {
		return err
	}
	tags, err := fn(d.Value.Tags)
	if err != nil || tags == nil {
		return err
	}
	d.Value.Tags = tags
	return functions.Put(tx, d)
}

// taggedOf is what the ARN of a tagging operation means.
func taggedOf(ctx context.Context, action string, resource *string) (tagged, error) {
	var v violations
	v.check("resource", resource, taggablePattern, maxReadName)
	if err := v.err(); err != nil {
		return tagged{}, err
	}
	here := scope(ctx)
	if id, ok := strings.CutPrefix(*resource, mappingARN(here, "")); ok {
		return tagged{ref{Scope: here}, id}, nil
	}
	if !strings.Contains(*resource, ":function:") {
		return tagged{}, notFound("The resource you requested does not exist.")
	}
	r, err := readRef(ctx, action, resource, nil)
	if err != nil {
		return tagged{}, err
	}
	if r.Qualifier != "" {
		return tagged{}, invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
	}
	return tagged{ref: r}, nil
}

// checkTags tests the tags that something is to have.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalid("Number of tags exceeds resource tag limit.")
	}
	var v violations
	for key, value := range tags {
		v.length("tags."+key, aws.String(key), maxTagKey)
		v.length("tags."+key, aws.String(value), maxTagValue)
	}
	return v.err()
}
