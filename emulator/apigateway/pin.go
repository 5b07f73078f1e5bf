package apigateway

import (
	"context"
	"errors"
	"strings"

	"postern/emulator/store"
)

// pinnedTags are the tags by which users of other emulators choose an API's id.
var pinnedTags = []string{"_custom_id_", "ms-custom-id", "floci:override-id"}

// pinnable are the kinds of documents whose ids are the first label of a host name.
var pinnable = []struct{ service, kind string }{{service, restAPIs.Name}, {apisV2.Service, apisV2.Name}}

// Pin is the id that tags choose for a new API, "" for none. Nobody else pins one until done is called,
// which has to be after the API's commit.
//
// Unlike AWS, a tag may choose the id of an API; it is the first label of its host name, so that is what
// it must be able to be, and no account and region has another API of the id.
func (s *Service) Pin(ctx context.Context, tags map[string]string) (id string, done func(), err error) {
	if id, err = pinnedID(tags); err != nil || id == "" {
		return "", func() {}, err
	}
	s.pinning.Lock()
	if err := s.free(ctx, id); err != nil {
		s.pinning.Unlock()
		return "", func() {}, err
	}
	return id, s.pinning.Unlock, nil
}

func pinnedID(tags map[string]string) (string, error) {
	for _, tag := range pinnedTags {
		id, ok := tags[tag]
		if !ok {
			continue
		}
		if id == "" || len(id) > 63 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || id[0] == '-' || id[len(id)-1] == '-' {
			return "", badRequest("Invalid value '%s' of tag %s. An API identifier is up to 63 of a-z, 0-9 and inner hyphens", id, tag)
		}
		return id, nil
	}
	return "", nil
}

// free says whether no account and region has the id: host names know only the id.
func (s *Service) free(ctx context.Context, id string) error {
	for _, p := range pinnable {
		_, err := s.store.Locate(ctx, p.service, p.kind, id)
		switch {
		case err == nil:
			return conflict("API identifier %s is taken", id)
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	return nil
}
