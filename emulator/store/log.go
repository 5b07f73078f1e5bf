package store

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
)

// LogEventOverhead is what an event counts in bytes besides its message
// (CloudWatch Logs API reference, PutLogEvents).
const LogEventOverhead = 26

// A Log is the events of a service that hang from its stream documents, which
// are children of its group documents.
type Log struct{ Service, Group, Stream string } // the names of the two kinds

// A LogEvent is one event of a stream.
type LogEvent struct {
	Seq       int64  // given by Append, ascending, never used twice
	Stream    string // id of the stream's document
	Timestamp time.Time
	Ingestion time.Time // Append sets it to the transaction's time
	Message   string
}

// A LogPosition is a place in the order of events: by timestamp, then by Seq.
type LogPosition struct {
	Timestamp time.Time
	Seq       int64
}

// Position is where the event stands.
func (e LogEvent) Position() LogPosition { return LogPosition{e.Timestamp, e.Seq} }

// Append adds events to a stream; ErrNotFound where it is not there.
func (l Log) Append(tx *Tx, streamID string, events []LogEvent) error {
	if len(events) == 0 {
		return nil
	}
	var stream, group int64
	err := tx.row(`SELECT key, parent FROM document WHERE account = ? AND region = ? AND service = ? AND kind = ? AND id = ?`,
		tx.scope.Account, tx.scope.Region, l.Service, l.Stream, streamID)(&stream, &group)
	if err != nil {
		return err
	}
	first, last, bytes := events[0].Timestamp, events[0].Timestamp, 0
	for chunk := range slices.Chunk(events, eventsAtOnce) {
		if err := tx.insertEvents(group, stream, chunk); err != nil {
			return err
		}
	}
	for _, e := range events {
		if e.Timestamp.Before(first) {
			first = e.Timestamp
		}
		if e.Timestamp.After(last) {
			last = e.Timestamp
		}
		bytes += len(e.Message) + LogEventOverhead
	}
	_, err = tx.exec(`INSERT INTO log_stream (stream, log_group, first_event, last_event, last_ingestion, bytes) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (stream) DO UPDATE SET first_event = min(first_event, excluded.first_event), last_event = max(last_event, excluded.last_event),
			last_ingestion = excluded.last_ingestion, bytes = bytes + excluded.bytes`,
		stream, group, first.UnixMilli(), last.UnixMilli(), tx.now.UnixMilli(), bytes)
	return err
}

// eventsAtOnce is how many events go into one statement, at most.
const eventsAtOnce = 32

func (tx *Tx) insertEvents(group, stream int64, events []LogEvent) error {
	query := `INSERT INTO log_event (log_group, stream, timestamp, ingestion, message) VALUES (?, ?, ?, ?, ?)` +
		strings.Repeat(`, (?, ?, ?, ?, ?)`, len(events)-1)
	args := make([]any, 0, 5*len(events))
	for _, e := range events {
		args = append(args, group, stream, e.Timestamp.UnixMilli(), tx.now.UnixMilli(), e.Message)
	}
	_, err := tx.exec(query, args...)
	return err
}

// A LogQuery selects events of one group, or of one stream, in order.
type LogQuery struct {
	Group, Stream string       // document ids; one of them
	From, Until   time.Time    // From is included, Until is not; zero is open
	After         *LogPosition // only events behind this place, or before it where Backward
	Backward      bool         // latest first
}

// Events calls each with the events that q selects until it returns false.
func (l Log) Events(tx *Tx, q LogQuery, each func(LogEvent) bool) error {
	column, kind, id := "log_group", l.Group, q.Group
	if q.Stream != "" {
		column, kind, id = "stream", l.Stream, q.Stream
	}
	key, err := tx.key(l.Service, kind, id)
	if err != nil {
		return err
	}
	where, args := ` WHERE e.`+column+` = ?`, []any{key}
	if !q.From.IsZero() {
		where, args = where+` AND e.timestamp >= ?`, append(args, q.From.UnixMilli())
	}
	if !q.Until.IsZero() {
		where, args = where+` AND e.timestamp < ?`, append(args, q.Until.UnixMilli())
	}
	compare, order := ">", " ORDER BY e.timestamp, e.seq"
	if q.Backward {
		compare, order = "<", " ORDER BY e.timestamp DESC, e.seq DESC"
	}
	if q.After != nil {
		where += ` AND (e.timestamp, e.seq) ` + compare + ` (?, ?)`
		args = append(args, q.After.Timestamp.UnixMilli(), q.After.Seq)
	}
	err = tx.rows(`SELECT e.seq, d.id, e.timestamp, e.ingestion, e.message FROM log_event e JOIN document d ON d.key = e.stream`+where+order,
		args, scanEvents(each))
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

var errEnough = errors.New("enough rows")

func scanEvents(each func(LogEvent) bool) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var e LogEvent
		var timestamp, ingestion int64
		if err := rows.Scan(&e.Seq, &e.Stream, &timestamp, &ingestion, &e.Message); err != nil {
			return err
		}
		e.Timestamp, e.Ingestion = time.UnixMilli(timestamp).UTC(), time.UnixMilli(ingestion).UTC()
		if !each(e) {
			return errEnough
		}
		return nil
	}
}

// LogStats is what is known of a stream that has or had events.
type LogStats struct {
	FirstEvent, LastEvent, LastIngestion time.Time
	Bytes                                int64
}

// Stats returns the statistics of the streams of a group, by the id of the
// stream's document. A stream without events is not in it.
func (l Log) Stats(tx *Tx, groupID string) (map[string]LogStats, error) {
	group, err := tx.key(l.Service, l.Group, groupID)
	if err != nil {
		return nil, err
	}
	stats := map[string]LogStats{}
	err = tx.rows(`SELECT d.id, s.first_event, s.last_event, s.last_ingestion, s.bytes FROM log_stream s JOIN document d ON d.key = s.stream WHERE s.log_group = ?`,
		[]any{group}, func(rows *sql.Rows) error {
			var id string
			var first, last, ingestion, bytes int64
			err := rows.Scan(&id, &first, &last, &ingestion, &bytes)
			stats[id] = LogStats{time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC(), time.UnixMilli(ingestion).UTC(), bytes}
			return err
		})
	return stats, err
}

// Bytes is the size of all events of a group.
func (l Log) Bytes(tx *Tx, groupID string) (n int64, err error) {
	group, err := tx.key(l.Service, l.Group, groupID)
	if err != nil {
		return 0, err
	}
	err = tx.row(`SELECT coalesce(sum(bytes), 0) FROM log_stream WHERE log_group = ?`, group)(&n)
	return n, err
}

// Expire deletes the events of a group that are older than t.
func (l Log) Expire(tx *Tx, groupID string, t time.Time) error {
	group, err := tx.key(l.Service, l.Group, groupID)
	if err != nil {
		return err
	}
	deleted, err := tx.exec(`DELETE FROM log_event WHERE log_group = ? AND timestamp < ?`, group, t.UnixMilli())
	if err != nil || deleted == 0 {
		return err
	}
	if _, err = tx.exec(`DELETE FROM log_stream WHERE log_group = ?1 AND last_event < ?2`, group, t.UnixMilli()); err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE log_stream SET (first_event, bytes) =
			(SELECT coalesce(min(timestamp), 0), coalesce(sum(?2 + length(CAST(message AS BLOB))), 0) FROM log_event e WHERE e.stream = log_stream.stream)
		WHERE log_group = ?1 AND first_event < ?3`, group, LogEventOverhead, t.UnixMilli())
	return err
}
