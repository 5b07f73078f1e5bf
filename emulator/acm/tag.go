package acm

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"postern/emulator/store"
)

func (s *Service) changeTags(ctx context.Context, arn *string, change func(map[string]string) (map[string]string, error)) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := get(tx, arn)
		if err != nil {
			return err
		}
		if d.Value.Tags, err = change(d.Value.Tags); err != nil {
			return err
		}
		return certificates.Put(tx, d)
	})
}

// AddTagsToCertificate adds tags, or changes their values.
func (s *Service) AddTagsToCertificate(ctx context.Context, in *sdk.AddTagsToCertificateInput) (*sdk.AddTagsToCertificateOutput, error) {
	err := s.changeTags(ctx, in.CertificateArn, func(tags map[string]string) (map[string]string, error) {
		return newTags(tags, in.Tags)
	})
	return &sdk.AddTagsToCertificateOutput{}, err
}

// RemoveTagsFromCertificate removes tags: those with a value only where it is theirs.
func (s *Service) RemoveTagsFromCertificate(ctx context.Context, in *sdk.RemoveTagsFromCertificateInput) (*sdk.RemoveTagsFromCertificateOutput, error) {
	err := s.changeTags(ctx, in.CertificateArn, func(tags map[string]string) (map[string]string, error) {
		for _, t := range in.Tags {
			if key := aws.ToString(t.Key); t.Value == nil || tags[key] == *t.Value {
				delete(tags, key)
			}
		}
		return tags, nil
	})
	return &sdk.RemoveTagsFromCertificateOutput{}, err
}

// ListTagsForCertificate reads the tags of a certificate, sorted by key.
func (s *Service) ListTagsForCertificate(ctx context.Context, in *sdk.ListTagsForCertificateInput) (*sdk.ListTagsForCertificateOutput, error) {
	out := &sdk.ListTagsForCertificateOutput{Tags: []types.Tag{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := get(tx, in.CertificateArn)
		for _, key := range slices.Sorted(maps.Keys(d.Value.Tags)) {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(d.Value.Tags[key])})
		}
		return err
	})
	return out, err
}
