package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Keys give out what requests are signed with.
type Keys interface {
	// Assume returns temporary credentials of a role.
	Assume(ctx context.Context, roleARN string) (aws.Credentials, error)
	// Caller returns the credentials that a caller of an API signed with.
	Caller(ctx context.Context, accessKeyID string) (aws.Credentials, error)
}

// renewal is how long before their end temporary credentials are replaced.
const renewal = 10 * time.Minute

// Sessions keep the temporary credentials of roles until they end.
type Sessions struct {
	keys Keys
	now  func() time.Time

	// mu guards held.
	mu   sync.Mutex
	held map[string]aws.Credentials // by role
}

// NewSessions makes Sessions of which none is held.
func NewSessions(keys Keys, now func() time.Time) *Sessions {
	return &Sessions{keys: keys, now: now, held: map[string]aws.Credentials{}}
}

// Role returns credentials of a role.
func (s *Sessions) Role(ctx context.Context, roleARN string) (aws.Credentials, error) {
	s.mu.Lock()
	c, ok := s.held[roleARN]
	s.mu.Unlock()
	if ok && s.fresh(c) {
		return c, nil
	}
	c, err := s.keys.Assume(ctx, roleARN)
	if err != nil {
		return c, fmt.Errorf("assume role %s: %w", roleARN, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for role, old := range s.held {
		if !s.fresh(old) {
			delete(s.held, role)
		}
	}
	s.held[roleARN] = c
	return c, nil
}

func (s *Sessions) fresh(c aws.Credentials) bool { return c.Expires.Sub(s.now()) > renewal }

// Caller returns the credentials of who called an API.
func (s *Sessions) Caller(ctx context.Context, accessKeyID string) (aws.Credentials, error) {
	return s.keys.Caller(ctx, accessKeyID)
}

// Forget drops all credentials: those who gave them out have forgotten them too.
func (s *Sessions) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.held)
}
