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

// TagResource adds tags to a function, an event source mapping or a code signing configuration.
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

// ListTags reads the tags of a function, an event source mapping or a code signing configuration.
func (s *Service) ListTags(ctx context.Context, in *sdk.ListTagsInput) (*sdk.ListTagsOutput, error) {
	r, err := taggedRef(ctx, "lambda:ListTags", in.Resource)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTagsOutput{Tags: map[string]string{}}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		t, err := r.find(tx)
		if err == nil {
			maps.Copy(out.Tags, *t.tags)
		}
		return err
	})
	return out, err
}

// retag changes the tags of a resource.
func (s *Service) retag(ctx context.Context, action string, resource *string, change func(map[string]string) error) error {
	r, err := taggedRef(ctx, action, resource)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		t, err := r.find(tx)
		if err != nil {
			return err
		}
		if *t.tags == nil {
			*t.tags = map[string]string{}
		}
		if err := change(*t.tags); err != nil {
			return err
		}
		return t.put()
	})
}

// A tagTarget is what has tags: a function, the event source mapping of a UUID, or the code signing configuration of an ARN.
type tagTarget struct {
	ref
	mapping, signing string // "" for others
}

// A tagOwner is a document with tags.
type tagOwner struct {
	tags *map[string]string
	put  func() error
}

func (r tagTarget) find(tx *store.Tx) (tagOwner, error) {
	if r.signing != "" {
		d, err := findSigningConfig(tx, &r.signing)
		return tagOwner{&d.Value.Tags, func() error { return signingConfigs.Put(tx, d) }}, err
	}
	if r.mapping != "" {
		d, err := getMapping(tx, &r.mapping)
		return tagOwner{&d.Value.Tags, func() error { return mappings.Put(tx, d) }}, err
	}
	d, err := findFunction(tx, r.ref)
	return tagOwner{&d.Value.Tags, func() error {
		d.Value.Config.RevisionId = aws.String(tx.UUID()) // recorded: tags are part of the revision
		return functions.Put(tx, d)
	}}, err
}

// taggedRef is what the ARN of a tagging operation means.
func taggedRef(ctx context.Context, action string, resource *string) (tagTarget, error) {
	var v violations
	v.check("resource", resource, taggablePattern, maxReadName)
	if err := v.err(); err != nil {
		return tagTarget{}, err
	}
	here := ref{Scope: scope(ctx)}
	if strings.Contains(*resource, ":code-signing-config:") {
		return tagTarget{ref: here, signing: *resource}, nil
	}
	if id, ok := strings.CutPrefix(*resource, mappingARN(here.Scope, "")); ok {
		return tagTarget{ref: here, mapping: id}, nil
	}
	if !strings.Contains(*resource, ":function:") {
		return tagTarget{}, resourceGone()
	}
	r, err := readRef(ctx, action, resource, nil)
	if err == nil && r.Qualifier != "" {
		err = invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
	}
	return tagTarget{ref: r}, err
}

// checkTags tests the tags that something is to have.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return invalid("Number of tags exceeds resource tag limit.")
	}
	var v violations
	for key, value := range tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") { // reserved (Developer Guide, "Using tags"); the text is ours
			return invalid("The tag key %s is reserved: keys cannot begin with aws:", key)
		}
		v.length("tags."+key, aws.String(key), maxTagKey)
		v.length("tags."+key, aws.String(value), maxTagValue)
	}
	return v.err()
}
