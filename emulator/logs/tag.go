package logs

import (
	"context"
	"fmt"
	"maps"
	"postern/emulator/lazyregexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

const maxTags = 50

var (
	tagKeyPattern   = lazyregexp.New(`^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$`)
	tagValuePattern = lazyregexp.New(`^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`)
)

func (c *checks) tags(tags map[string]string) {
	if len(tags) > maxTags {
		c.Add("tags", fmt.Sprint(len(tags), " tags"), "Member must have length less than or equal to 50")
	}
	for k, v := range tags {
		c.Length("tags", k, 1, 128)
		c.Pattern("tags", k, tagKeyPattern)
		c.Length("tags", v, 0, 256)
		c.Pattern("tags", v, tagValuePattern)
		if strings.HasPrefix(strings.ToLower(k), "aws:") {
			c.Add("tags", k, "Member must not begin with aws:")
		}
	}
}

// TagResource adds tags to the group that an ARN names.
func (s *Service) TagResource(ctx context.Context, in *cloudwatchlogs.TagResourceInput) (*cloudwatchlogs.TagResourceOutput, error) {
	name, err := tagged(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tooMany := &types.TooManyTagsException{
		Message:      aws.String("The number of tags exceeds the limit of 50."),
		ResourceName: in.ResourceArn,
	}
	return &cloudwatchlogs.TagResourceOutput{}, s.tag(ctx, name, in.Tags, tooMany)
}

// TagLogGroup is the older TagResource, by the name of a group.
func (s *Service) TagLogGroup(ctx context.Context, in *cloudwatchlogs.TagLogGroupInput) (*cloudwatchlogs.TagLogGroupOutput, error) {
	tooMany := invalid("The number of tags exceeds the limit of 50.")
	return &cloudwatchlogs.TagLogGroupOutput{}, s.tag(ctx, aws.ToString(in.LogGroupName), in.Tags, tooMany)
}

func (s *Service) tag(ctx context.Context, name string, tags map[string]string, tooMany error) error {
	var c checks
	c.group(&name)
	c.tags(tags)
	if err := c.err(); err != nil {
		return err
	}
	return s.change(ctx, name, func(g *group) error {
		if g.Tags == nil {
			g.Tags = map[string]string{}
		}
		maps.Copy(g.Tags, tags)
		if len(g.Tags) > maxTags {
			return tooMany
		}
		return nil
	})
}

// UntagResource removes tags from the group that an ARN names.
func (s *Service) UntagResource(ctx context.Context, in *cloudwatchlogs.UntagResourceInput) (*cloudwatchlogs.UntagResourceOutput, error) {
	name, err := tagged(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &cloudwatchlogs.UntagResourceOutput{}, s.untag(ctx, name, in.TagKeys)
}

// UntagLogGroup is the older UntagResource.
func (s *Service) UntagLogGroup(ctx context.Context, in *cloudwatchlogs.UntagLogGroupInput) (*cloudwatchlogs.UntagLogGroupOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &cloudwatchlogs.UntagLogGroupOutput{}, s.untag(ctx, *in.LogGroupName, in.Tags)
}

func (s *Service) untag(ctx context.Context, name string, keys []string) error {
	return s.change(ctx, name, func(g *group) error {
		for _, k := range keys {
			delete(g.Tags, k)
		}
		return nil
	})
}

// ListTagsForResource lists the tags of the group that an ARN names.
func (s *Service) ListTagsForResource(ctx context.Context, in *cloudwatchlogs.ListTagsForResourceInput) (*cloudwatchlogs.ListTagsForResourceOutput, error) {
	name, err := tagged(ctx, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.tagsOf(ctx, name)
	return &cloudwatchlogs.ListTagsForResourceOutput{Tags: tags}, err
}

// ListTagsLogGroup is the older ListTagsForResource.
func (s *Service) ListTagsLogGroup(ctx context.Context, in *cloudwatchlogs.ListTagsLogGroupInput) (*cloudwatchlogs.ListTagsLogGroupOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	if err := c.err(); err != nil {
		return nil, err
	}
	tags, err := s.tagsOf(ctx, *in.LogGroupName)
	return &cloudwatchlogs.ListTagsLogGroupOutput{Tags: tags}, err
}

func (s *Service) tagsOf(ctx context.Context, name string) (map[string]string, error) {
	tags := map[string]string{}
	err := s.view(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, name)
		maps.Copy(tags, g.Value.Tags)
		return err
	})
	return tags, err
}

// tagged is the group of a resource ARN.
func tagged(ctx context.Context, arn *string) (string, error) {
	name, ok := strings.CutPrefix(aws.ToString(arn), groupARN(scopeOf(ctx), ""))
	if !ok {
		return "", notFound(store.ErrNotFound, "The specified resource does not exist.")
	}
	name = strings.TrimSuffix(name, ":*")
	var c checks
	c.group(&name)
	return name, c.err()
}
