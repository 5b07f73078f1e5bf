package apigateway

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"

	"postern/emulator/store"
)

// A tagged is what an ARN with tags names: an API, or one of its stages.
type tagged struct {
	tags *map[string]string
	save func() error
}

// getTagged finds what arn:aws:apigateway:{region}::/restapis/{id}[/stages/{name}]
// names, in the region of the transaction.
func getTagged(tx *store.Tx, arn string) (tagged, error) {
	invalid := badRequest("Invalid ARN specified in the request")
	part := strings.SplitN(arn, ":", 6)
	if len(part) != 6 || part[0] != "arn" || part[2] != "apigateway" || part[3] != tx.Scope().Region || part[4] != "" {
		return tagged{}, invalid
	}
	switch path := strings.Split(part[5], "/"); {
	case len(path) == 3 && path[1] == "restapis":
		d, err := getAPI(tx, &path[2])
		return tagged{&d.Value.API.Tags, func() error { return restAPIs.Put(tx, d) }}, err
	case len(path) == 5 && path[1] == "restapis" && path[3] == "stages":
		d, err := getStage(tx, &path[2], &path[4])
		return tagged{&d.Value.Tags, func() error { return stages.Put(tx, d) }}, err
	}
	return tagged{}, invalid
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

// TagResource adds tags to an API or a stage, or changes their values. The tag that
// pins an id means nothing any more.
func (s *Service) TagResource(ctx context.Context, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
	return &sdk.TagResourceOutput{}, err
}

// UntagResource removes tags from an API or a stage.
func (s *Service) UntagResource(ctx context.Context, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	err := s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
	return &sdk.UntagResourceOutput{}, err
}

// GetTags reads the tags of an API or a stage, all at once: an output has no position.
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
