package logs

import (
	"errors"
	"time"

	"postern/emulator/store"
)

// An Event is one event that Append adds.
type Event struct {
	Time    time.Time
	Message string
}

// A streamKey names a stream among all accounts and regions.
type streamKey struct {
	scope         store.Scope
	group, stream string
}

// A batch is what Append has got for one stream and waits to be written together.
type batch struct {
	events []store.LogEvent
	bytes  int
	queued chan struct{} // closed when the store has it
}

// batchBytes is how large a batch may grow, so that the store's own limit on what waits holds.
const batchBytes = 64 << 10

// Append adds events to a stream of any account, making the stream and its group
// where they are not there. It does not wait for the disk: reads of this service
// see the events at once, a killed process may lose those of the last second.
func (s *Service) Append(sc store.Scope, group, stream string, added []Event) {
	if len(added) == 0 {
		return
	}
	key := streamKey{sc, group, stream}
	s.mu.Lock()
	b, open := s.open[key]
	if !open || b.bytes > batchBytes {
		b, open = &batch{queued: make(chan struct{})}, false
		s.open[key] = b
	}
	for _, e := range added {
		b.events = append(b.events, store.LogEvent{Timestamp: e.Time, Message: e.Message})
		b.bytes += len(e.Message) + store.LogEventOverhead
	}
	size := b.bytes
	s.mu.Unlock()
	if open {
		<-b.queued
		return
	}
	defer close(b.queued)
	err := s.store.Later(sc, size, func(tx *store.Tx) error {
		return s.write(tx, key, b)
	})
	if err != nil {
		s.logger.Error("log events lost", "group", group, "stream", stream, "events", len(added), "error", err)
	}
}

// write writes a batch, which takes no more events from then on.
func (s *Service) write(tx *store.Tx, key streamKey, b *batch) error {
	s.mu.Lock()
	if s.open[key] == b {
		delete(s.open, key)
	}
	s.mu.Unlock()
	id := streamID(key.group, key.stream)
	err := events.Append(tx, id, b.events)
	if errors.Is(err, store.ErrNotFound) {
		if err := makeStream(tx, key.group, key.stream); err != nil {
			return err
		}
		err = events.Append(tx, id, b.events)
	}
	if err != nil {
		return err
	}
	return s.sweep(tx, key.group)
}

func makeStream(tx *store.Tx, groupName, name string) error {
	err := groups.Insert(tx, store.Document[group]{ID: groupName})
	if err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return insertStream(tx, groupName, name)
}
