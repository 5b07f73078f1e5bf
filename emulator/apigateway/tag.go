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

// A tagged is what an ARN with tags names, and how it is stored again.
type tagged struct {
	tags *map[string]string
	save func() error
}

// taggable are the things that have tags, by the form of their ARN behind
// arn:aws:apigateway:{region}::. What stands for the braces is given to find.
var taggable = []struct {
	form string
	find func(tx *store.Tx, args []string) (tagged, error)
}{
	{"/restapis/{id}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getAPI(tx, &args[0])
		return tagged{&d.Value.API.Tags, func() error { return restAPIs.Put(tx, d) }}, err
	}},
	{"/restapis/{id}/stages/{name}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getStage(tx, &args[0], &args[1])
		return tagged{&d.Value.Tags, func() error { return stages.Put(tx, d) }}, err
	}},
	{"/apikeys/{id}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getKey(tx, &args[0])
		return tagged{&d.Value.Key.Tags, func() error { return putKey(tx, d) }}, err
	}},
	{"/usageplans/{id}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getPlan(tx, &args[0])
		return tagged{&d.Value.Tags, func() error { return usagePlans.Put(tx, d) }}, err
	}},
	{"/vpclinks/{id}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getVpcLink(tx, &args[0])
		return tagged{&d.Value.Tags, func() error { return vpcLinks.Put(tx, d) }}, err
	}},
	{"/clientcertificates/{id}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := getCertificate(tx, &args[0])
		return tagged{&d.Value.Certificate.Tags, func() error { return clientCertificates.Put(tx, d) }}, err
	}},
	{"/domainnames/{name}", func(tx *store.Tx, args []string) (tagged, error) {
		d, err := domainname.Get(tx, &args[0], nil)
		return taggedDomain(tx, d), err
	}},
}

// getTagged finds what an ARN names, in the region of the transaction.
func getTagged(tx *store.Tx, arn string) (tagged, error) {
	part := strings.SplitN(arn, ":", 6)
	if len(part) == 6 && part[4] == tx.Scope().Account {
		return getPrivate(tx, arn, part[5])
	}
	if len(part) == 6 && part[0] == "arn" && part[2] == "apigateway" && part[3] == tx.Scope().Region && part[4] == "" {
		segments := strings.Split(strings.TrimPrefix(part[5], "/"), "/")
		for _, kind := range taggable {
			if args, ok := match(kind.form, segments); ok {
				return kind.find(tx, args)
			}
		}
	}
	return tagged{}, badRequest("Invalid ARN specified in the request")
}

// getPrivate finds what an ARN with an account names: a private domain, or an association with one.
func getPrivate(tx *store.Tx, arn, path string) (tagged, error) {
	if strings.HasPrefix(path, "/domainnames/") {
		d, err := privateDomain(tx, &arn)
		return taggedDomain(tx, d), err
	}
	d, err := domainname.Associations.Get(tx, arn)
	if errors.Is(err, store.ErrNotFound) {
		err = badRequest("Invalid ARN specified in the request")
	}
	return tagged{&d.Value.Tags, func() error { return domainname.Associations.Put(tx, d) }}, err
}

func taggedDomain(tx *store.Tx, d store.Document[domainname.Domain]) tagged {
	return tagged{&d.Value.Domain.Tags, func() error { return domainname.Domains.Put(tx, d) }}
}

func (s *Service) changeTags(ctx context.Context, arn *string, fn func(map[string]string) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, aws.ToString(arn))
		if err != nil {
			return err
		}
		if *t.tags == nil {
			*t.tags = map[string]string{}
		}
		if err := fn(*t.tags); err != nil {
			return err
		}
		return t.save()
	})
}

// TagResource adds tags to what an ARN names, or changes their values. The tag that
// pins an id means nothing any more.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
	return &sdk.TagResourceOutput{}, err
}

// UntagResource removes tags from what an ARN names.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
	return &sdk.UntagResourceOutput{}, err
}

// GetTags reads the tags of what an ARN names, all at once: an output has no position.
func (s *Service) GetTags(ctx context.Context, in *sdk.GetTagsInput) (*sdk.GetTagsOutput, error) {
	out := &sdk.GetTagsOutput{Tags: map[string]string{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		t, err := getTagged(tx, aws.ToString(in.ResourceArn))
		if err == nil {
			maps.Copy(out.Tags, *t.tags)
		}
		return err
	})
	return out, err
}
