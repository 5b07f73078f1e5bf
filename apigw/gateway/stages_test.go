package gateway

import (
	"context"
	"errors"
	"testing"

	"postern/apigw"
)

func TestALoadFromBeforeAnUnpublishServesNobodyWhoComesLater(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	first := true
	s := stages{load: func(context.Context, string, string) (*apigw.Stage, error) {
		if !first {
			return nil, apigw.ErrAPINotFound
		}
		first = false
		close(started)
		<-release
		return stage("api", "s", echo), nil
	}}
	key := stageKey{"api", "s"}
	done := make(chan error)
	go func() {
		_, err := s.find(t.Context(), key)
		done <- err
	}()
	<-started
	s.unpublish("api", "s")
	// The former load does not end before this one has: who joined it would hang here.
	if _, err := s.find(t.Context(), key); !errors.Is(err, apigw.ErrAPINotFound) {
		t.Errorf("after the unpublish: %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("who came before it: %v", err)
	}
	if _, err := s.find(t.Context(), key); !errors.Is(err, apigw.ErrAPINotFound) {
		t.Errorf("what was loaded before the unpublish was kept: %v", err)
	}
}
