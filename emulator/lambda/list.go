package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

const (
	maxPage     = 50    // what a page holds at most
	maxMaxItems = 10000 // what a client may ask for
)

// ListFunctions lists the functions by name, or with FunctionVersion ALL every
// version of them.
func (s *Service) ListFunctions(ctx context.Context, in *sdk.ListFunctionsInput) (*sdk.ListFunctionsOutput, error) {
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	if aws.ToString(in.MasterRegion) != "" {
		// It asks for the replicas of Lambda@Edge functions: there are none.
		return &sdk.ListFunctionsOutput{Functions: []types.FunctionConfiguration{}}, nil
	}
	if in.FunctionVersion == types.FunctionVersionAll {
		return s.listEveryVersion(ctx, in, limit)
	}
	return s.listLatest(ctx, in, limit)
}

func (s *Service) listLatest(ctx context.Context, in *sdk.ListFunctionsInput, limit int) (*sdk.ListFunctionsOutput, error) {
	out := &sdk.ListFunctionsOutput{Functions: []types.FunctionConfiguration{}}
	err := s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		p, err := functions.List(tx, store.Query{After: aws.ToString(in.Marker), Limit: limit})
		if errors.Is(err, store.ErrPosition) {
			return invalid("Invalid pagination token: %s", *in.Marker)
		}
		for _, d := range p.Documents {
			out.Functions = append(out.Functions, listed(d.Value.Config))
		}
		if p.Next != "" {
			out.NextMarker = &p.Next
		}
		return err
	})
	return out, err
}

func (s *Service) listEveryVersion(ctx context.Context, in *sdk.ListFunctionsInput, limit int) (*sdk.ListFunctionsOutput, error) {
	var all []types.FunctionConfiguration
	err := s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		p, err := functions.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range p.Documents {
			some, err := allVersions(tx, ref{Scope: tx.Scope(), Name: d.ID}, d.Value)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	list, next := page(all, limit, aws.ToString(in.Marker), versionOrder)
	return &sdk.ListFunctionsOutput{Functions: list, NextMarker: next}, err
}

// pageLimit is how many items a list may have that was asked for MaxItems.
func pageLimit(maxItems *int32) (int, error) { return limitOf(maxItems, maxMaxItems) }

// shortPageLimit is pageLimit for the lists that the model does not let ask for more than a page.
func shortPageLimit(maxItems *int32) (int, error) { return limitOf(maxItems, maxPage) }

func limitOf(maxItems *int32, most int) (int, error) {
	var v violations
	v.between("maxItems", maxItems, 1, most)
	if err := v.err(); err != nil {
		return 0, err
	}
	if maxItems == nil {
		return maxPage, nil
	}
	return min(int(*maxItems), maxPage), nil
}

// page is the part of all, which is sorted by key, that follows the marker, and
// the next marker, nil at the end. A marker is the key of the last item.
func page[T any](all []T, limit int, marker string, key func(T) string) ([]T, *string) {
	part := []T{}
	for _, item := range all {
		if marker != "" && key(item) <= marker {
			continue
		}
		if len(part) == limit {
			return part, aws.String(key(part[limit-1]))
		}
		part = append(part, item)
	}
	return part, nil
}
