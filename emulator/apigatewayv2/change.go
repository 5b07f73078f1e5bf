package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// change changes an API or what it consists of, and deploys it to the stages that deploy by themselves.
// They serve it when change returns.
func (s *Service) change(ctx context.Context, api *string, fn func(*store.Tx, types.Api) error) error {
	var changed []string
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, api)
		if err != nil {
			return err
		}
		if err := fn(tx, d.Value); err != nil {
			return err
		}
		changed, err = autoDeploy(tx, d.ID)
		return err
	})
	if err == nil {
		s.live.Changed(ctx, *api, changed...)
	}
	return err
}

// remove deletes a part, unless free refuses to lose it; a nil free does not.
func remove[T any](ctx context.Context, s *Service, p part[T], api *string, of owner, id *string, free func(*store.Tx, types.Api, T) error) error {
	return s.change(ctx, api, func(tx *store.Tx, a types.Api) error {
		d, err := p.find(tx, of, id)
		if err != nil {
			return err
		}
		if free != nil {
			if err := free(tx, a, d.Value); err != nil {
				return err
			}
		}
		return p.Delete(tx, d.ID)
	})
}

// The functions below set what an update has: absent members stay, empty ones take the value away.

// setText sets an optional text.
func setText(member **string, value *string) {
	if value != nil {
		*member = text(value)
	}
}

// text is a text that is not empty, or nil.
func text(value *string) *string {
	if value == nil || *value == "" {
		return nil
	}
	return value
}

func set[T any](member **T, value *T) {
	if value != nil {
		*member = value
	}
}

func setEnum[E ~string](member *E, value E) {
	if value != "" {
		*member = value
	}
}

func setList[T any](member *[]T, value []T) {
	switch {
	case value == nil:
	case len(value) == 0:
		*member = nil
	default:
		*member = value
	}
}

// setMap replaces a map.
func setMap[V any](member *map[string]V, value map[string]V) {
	switch {
	case value == nil:
	case len(value) == 0:
		*member = nil
	default:
		*member = value
	}
}

// mergeMap sets entries of a map; those with an empty value go.
func mergeMap(member *map[string]string, value map[string]string) {
	merge(member, value, func(v string) bool { return v == "" })
}

// merge sets entries of a map; those whose value is gone go.
func merge[V any](member *map[string]V, value map[string]V, gone func(V) bool) {
	if len(value) == 0 {
		return
	}
	merged := map[string]V{}
	for k, v := range *member {
		merged[k] = v
	}
	for k, v := range value {
		if gone(v) {
			delete(merged, k)
		} else {
			merged[k] = v
		}
	}
	*member = merged
}

// never is for maps whose entries an update cannot remove.
func never[V any](V) bool { return false }
