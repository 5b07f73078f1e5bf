package logs

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// describeLimit is the default and the maximum of the Describe operations.
const describeLimit = 50

// CreateLogGroup adds a group. Keys of KMS and classes other than STANDARD are
// refused: they would change nothing here.
func (s *Service) CreateLogGroup(ctx context.Context, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	c.tags(in.Tags)
	switch {
	case c.err() != nil:
		return nil, c.err()
	case in.KmsKeyId != nil:
		return nil, invalid("Postern does not encrypt log groups: leave kmsKeyId out.")
	case in.LogGroupClass != "" && in.LogGroupClass != types.LogGroupClassStandard:
		return nil, invalid("Postern has log groups of the class STANDARD only.")
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		return exists(groups.Insert(tx, store.Document[group]{
			ID:    *in.LogGroupName,
			Value: group{Protected: aws.ToBool(in.DeletionProtectionEnabled), Tags: in.Tags},
		}), "The specified log group already exists")
	})
	return &cloudwatchlogs.CreateLogGroupOutput{}, err
}

// DeleteLogGroup removes a group with all that is in it.
func (s *Service) DeleteLogGroup(ctx context.Context, in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.store.Flush(ctx); err != nil { // or what is deferred would make it again
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, *in.LogGroupName)
		if err != nil {
			return err
		}
		if g.Value.Protected {
			return &types.ValidationException{Message: aws.String("Deletion protection is enabled for the specified log group.")}
		}
		return groups.Delete(tx, *in.LogGroupName)
	})
	return &cloudwatchlogs.DeleteLogGroupOutput{}, err
}

// PutLogGroupDeletionProtection says whether DeleteLogGroup may remove a group.
func (s *Service) PutLogGroupDeletionProtection(ctx context.Context, in *cloudwatchlogs.PutLogGroupDeletionProtectionInput) (*cloudwatchlogs.PutLogGroupDeletionProtectionOutput, error) {
	name, err := groupOf(ctx, nil, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, name, func(g *group) error {
		g.Protected = aws.ToBool(in.DeletionProtectionEnabled)
		return nil
	})
	return &cloudwatchlogs.PutLogGroupDeletionProtectionOutput{}, err
}

// change rewrites a group.
func (s *Service) change(ctx context.Context, name string, fn func(*group) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, name)
		if err != nil {
			return err
		}
		if err := fn(&g.Value); err != nil {
			return err
		}
		return groups.Put(tx, g)
	})
}

// DescribeLogGroups lists groups by name.
func (s *Service) DescribeLogGroups(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	var c checks
	c.limit(in.Limit, describeLimit)
	if err := c.err(); err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	selected, err := selectGroups(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: []types.LogGroup{}}
	err = s.view(ctx, func(tx *store.Tx) error {
		all, err := groups.List(tx, store.Query{Prefix: aws.ToString(in.LogGroupNamePrefix)})
		if err != nil {
			return err
		}
		found := slices.DeleteFunc(all.Documents, func(g store.Document[group]) bool { return !selected(g.ID) })
		name := func(g store.Document[group]) string { return g.ID }
		page, next, err := cut(found, name, in.NextToken, in.Limit)
		if err != nil {
			return err
		}
		out.NextToken = next
		for _, g := range page {
			described, err := describeGroup(tx, g)
			if err != nil {
				return err
			}
			if aws.ToString(in.LogGroupNamePattern) != "" {
				// "only arn, creationTime, and logGroupName are included in the
				// response" (API reference, DescribeLogGroups, read 2026-11)
				described = types.LogGroup{Arn: described.Arn, CreationTime: described.CreationTime, LogGroupName: described.LogGroupName}
			}
			out.LogGroups = append(out.LogGroups, described)
		}
		return nil
	})
	return out, err
}

// selectGroups is what DescribeLogGroups selects by, the prefix aside.
func selectGroups(ctx context.Context, in *cloudwatchlogs.DescribeLogGroupsInput) (func(name string) bool, error) {
	account := scopeOf(ctx).Account
	if aws.ToBool(in.IncludeLinkedAccounts) && len(in.AccountIdentifiers) > 0 && !slices.Contains(in.AccountIdentifiers, account) {
		return func(string) bool { return false }, nil // no account is linked to another here
	}
	if in.LogGroupClass != "" && in.LogGroupClass != types.LogGroupClassStandard {
		return func(string) bool { return false }, nil
	}
	if in.LogGroupIdentifiers == nil {
		return func(name string) bool { return strings.Contains(name, aws.ToString(in.LogGroupNamePattern)) }, nil
	}
	if in.LogGroupNamePrefix != nil || in.LogGroupNamePattern != nil {
		return nil, invalid("LogGroup identifiers are mutually exclusive with LogGroup name prefix and LogGroup name pattern.")
	}
	var names []string
	for _, id := range in.LogGroupIdentifiers {
		name, err := groupFromIdentifier(ctx, id)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return func(name string) bool { return slices.Contains(names, name) }, nil
}

func describeGroup(tx *store.Tx, g store.Document[group]) (types.LogGroup, error) {
	size, err := events.Bytes(tx, g.ID)
	if err != nil {
		return types.LogGroup{}, err
	}
	arn := groupARN(tx.Scope(), g.ID)
	out := types.LogGroup{
		Arn:                       aws.String(arn + ":*"),
		CreationTime:              aws.Int64(g.Created.UnixMilli()),
		DeletionProtectionEnabled: aws.Bool(g.Value.Protected),
		LogGroupArn:               aws.String(arn),
		LogGroupClass:             types.LogGroupClassStandard,
		LogGroupName:              aws.String(g.ID),
		MetricFilterCount:         aws.Int32(0),
		StoredBytes:               aws.Int64(size),
	}
	if g.Value.Retention != 0 {
		out.RetentionInDays = aws.Int32(g.Value.Retention)
	}
	return out, nil
}

// cut is the page of a sorted list that follows the item a token names, and the
// token of the next page. Keys are unique; the list may have changed meanwhile.
func cut[T any](items []T, key func(T) string, token *string, limit *int32) ([]T, *string, error) {
	if token != nil {
		after, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return nil, nil, invalid("The specified nextToken is invalid.")
		}
		start := slices.IndexFunc(items, func(t T) bool { return key(t) > string(after) })
		if start < 0 {
			start = len(items)
		}
		items = items[start:]
	}
	n := describeLimit
	if limit != nil {
		n = int(*limit)
	}
	if len(items) <= n {
		return items, nil, nil
	}
	next := base64.RawURLEncoding.EncodeToString([]byte(key(items[n-1])))
	return items[:n], &next, nil
}

// retentions are the days that a group may keep its events.
var retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// PutRetentionPolicy says for how many days a group keeps its events.
func (s *Service) PutRetentionPolicy(ctx context.Context, in *cloudwatchlogs.PutRetentionPolicyInput) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	days := aws.ToInt32(in.RetentionInDays)
	if !slices.Contains(retentions, days) {
		c.Add("retentionInDays", days, "Member must satisfy enum value set: "+strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "))
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, s.retain(ctx, *in.LogGroupName, days)
}

// DeleteRetentionPolicy makes a group keep its events for ever.
func (s *Service) DeleteRetentionPolicy(ctx context.Context, in *cloudwatchlogs.DeleteRetentionPolicyInput) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	if err := c.err(); err != nil {
		return nil, err
	}
	return &cloudwatchlogs.DeleteRetentionPolicyOutput{}, s.retain(ctx, *in.LogGroupName, 0)
}

func (s *Service) retain(ctx context.Context, name string, days int32) error {
	return s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, name)
		if err != nil {
			return err
		}
		g.Value.Retention = days
		if days > 0 {
			if err := events.Expire(tx, name, g.Value.horizon(tx.Now())); err != nil {
				return err
			}
		}
		return groups.Put(tx, g)
	})
}
