package apigateway

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"

	"postern/emulator/domainname"
	"postern/emulator/store"
)

// A Tagged is what an ARN with tags names, and how it is stored again.
type Tagged struct {
	Tags *map[string]string
	Save func() error
}

// A Taggable is a kind of things that have tags.
type Taggable struct {
	Form string // of the ARN behind arn:aws:apigateway:{region}::
	// Find is given what stands for the braces.
	Find func(tx *store.Tx, args []string) (Tagged, error)
}

// taggable are the things of this service that have tags.
var taggable = []Taggable{
	{"/restapis/{id}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getAPI(tx, &args[0])
		return Tagged{&d.Value.API.Tags, func() error { return restAPIs.Put(tx, d) }}, err
	}},
	{"/restapis/{id}/stages/{name}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getStage(tx, &args[0], &args[1])
		return Tagged{&d.Value.Tags, func() error { return stages.Put(tx, d) }}, err
	}},
	{"/apikeys/{id}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getKey(tx, &args[0])
		return Tagged{&d.Value.Key.Tags, func() error { return putKey(tx, d) }}, err
	}},
	{"/usageplans/{id}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getPlan(tx, &args[0])
		return Tagged{&d.Value.Tags, func() error { return usagePlans.Put(tx, d) }}, err
	}},
	{"/vpclinks/{id}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getVpcLink(tx, &args[0])
		return Tagged{&d.Value.Tags, func() error { return vpcLinks.Put(tx, d) }}, err
	}},
	{"/clientcertificates/{id}", func(tx *store.Tx, args []string) (Tagged, error) {
		d, err := getCertificate(tx, &args[0])
		return Tagged{&d.Value.Certificate.Tags, func() error { return clientCertificates.Put(tx, d) }}, err
	}},
	TaggableDomain,
}

// TaggableDomain are the custom domain names, which both versions of the service tag.
var TaggableDomain = Taggable{"/domainnames/{name}", func(tx *store.Tx, args []string) (Tagged, error) {
	d, err := domainname.Get(tx, &args[0], nil)
	return taggedDomain(tx, d), err
}}

// getTagged finds what an ARN names, in the region of the transaction.
func getTagged(tx *store.Tx, arn string) (Tagged, error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) == 6 && part[4] == tx.Scope().Account {
		return getPrivate(tx, arn, part[5])
	}
	return FindTagged(tx, arn, taggable)
}

// FindTagged finds what an ARN names among things of some kinds, in the region of the transaction.
func FindTagged(tx *store.Tx, arn string, kinds []Taggable) (Tagged, error) {
	prefix := "arn:aws:apigateway:" + tx.Scope().Region + "::"
	if path, ok := strings.CutPrefix(arn, prefix); ok {
		segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
		for _, kind := range kinds {
			if args, ok := match(kind.Form, segments); ok {
				return kind.Find(tx, args)
			}
		}
	}
	return Tagged{}, badRequest("Invalid ARN specified in the request")
}

// getPrivate finds what an ARN with an account names: a private domain, or an association with one.
func getPrivate(tx *store.Tx, arn, path string) (Tagged, error) {
	if strings.HasPrefix(path, "/domainnames/") {
		d, err := privateDomain(tx, &arn)
		return taggedDomain(tx, d), err
	}
	d, err := domainname.Associations.Get(tx, arn)
	if errors.Is(err, store.ErrNotFound) {
		err = badRequest("Invalid ARN specified in the request")
	}
	return Tagged{&d.Value.Tags, func() error { return domainname.Associations.Put(tx, d) }}, err
}

func taggedDomain(tx *store.Tx, d store.Document[domainname.Domain]) Tagged {
	return Tagged{&d.Value.Domain.Tags, func() error { return domainname.Domains.Put(tx, d) }}
}

// Set adds tags, or changes their values.
func (t Tagged) Set(tags map[string]string) error {
	if *t.Tags == nil {
		*t.Tags = map[string]string{}
	}
	maps.Copy(*t.Tags, tags)
	if err := CheckTags(*t.Tags); err != nil {
		return err
	}
	return t.Save()
}

// Drop removes tags.
func (t Tagged) Drop(keys []string) error {
	for _, key := range keys {
		delete(*t.Tags, key)
	}
	return t.Save()
}

// TagResource adds tags to what an ARN names, or changes their values. The tag that
// pins an id means nothing any more.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		return t.Set(in.Tags)
	})
	return &sdk.TagResourceOutput{}, err
}

// UntagResource removes tags from what an ARN names.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, aws.ToString(in.ResourceArn))
		if err != nil {
			return err
		}
		return t.Drop(in.TagKeys)
	})
	return &sdk.UntagResourceOutput{}, err
}

// GetTags reads the tags of what an ARN names, all at once: an output has no position.
func (s *Service) GetTags(ctx context.Context, in *sdk.GetTagsInput) (*sdk.GetTagsOutput, error) {
	out := &sdk.GetTagsOutput{Tags: map[string]string{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, aws.ToString(in.ResourceArn))
		if err == nil {
			maps.Copy(out.Tags, *t.Tags)
		}
		return err
	})
	return out, err
}
