package store

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// A Query selects and pages documents of one kind.
type Query struct {
	Parent *Ref   // only children of
	Prefix string // only ids that start with
	Order  Order
	After  string // position a previous Page returned; "" starts
	Limit  int    // 0 is no limit
}

// An Order is how a list is sorted; the id breaks ties. Text sorts by its bytes.
type Order int

const (
	ByID Order = iota
	ByName
	ByCreated
	ByCreatedDesc
)

// A Page is a part of a list. Next is the Query.After of the part that follows,
// "" on the last one. A position stays valid while documents are added and
// removed, its own included.
type Page[T any] struct {
	Documents []Document[T]
	Next      string
}

// Values are the documents' own, never nil.
func (p Page[T]) Values() []T {
	values := make([]T, len(p.Documents))
	for i, d := range p.Documents {
		values[i] = d.Value
	}
	return values
}

// List reads the documents that q selects. ErrPosition where q.After is foreign.
func (k Kind[T]) List(tx *Tx, q Query) (Page[T], error) {
	where, args := k.where(tx, q)
	if q.After != "" {
		at, err := parsePosition(q.After, q.Order)
		if err != nil {
			return Page[T]{}, err
		}
		where += q.Order.after()
		args = append(args, at.args(q.Order)...)
	}
	where += q.Order.sql()
	if q.Limit > 0 {
		where += ` LIMIT ?`
		args = append(args, q.Limit+1) // one more tells whether there is a next page
	}
	var p Page[T]
	var r record
	err := tx.rows(selectDocument+where, args, func(rows *sql.Rows) error {
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		d, err := decode[T](&r)
		p.Documents = append(p.Documents, d)
		return err
	})
	if q.Limit > 0 && len(p.Documents) > q.Limit {
		p.Documents = p.Documents[:q.Limit]
		last := p.Documents[q.Limit-1]
		p.Next = last.Position()
	}
	return p, err
}

// Position is the Query.After of what follows the document, in any order, for who
// shows a part of what was listed.
func (d Document[T]) Position() string {
	return position{ID: d.ID, Name: d.Name, Created: d.Created.UnixMilli()}.String()
}

// Count is how many documents q selects; Order, After and Limit do not matter.
func (k Kind[T]) Count(tx *Tx, q Query) (n int, err error) {
	where, args := k.where(tx, q)
	err = tx.row(`SELECT count(*) FROM document d`+where, args...)(&n)
	return n, err
}

func (k Kind[T]) where(tx *Tx, q Query) (string, []any) {
	where := ` WHERE d.account = ? AND d.region = ? AND d.service = ? AND d.kind = ?`
	args := []any{tx.scope.Account, tx.scope.Region, k.Service, k.Name}
	if q.Parent != nil {
		// The parent's key implies scope and service; naming them again would
		// tempt the planner to walk the whole kind.
		where = ` WHERE d.parent = (SELECT key FROM document WHERE account = ? AND region = ? AND service = ? AND kind = ? AND id = ?) AND d.kind = ?`
		args = []any{tx.scope.Account, tx.scope.Region, k.Service, q.Parent.Kind, q.Parent.ID, k.Name}
	}
	if q.Prefix != "" {
		where += ` AND d.id >= ? AND d.id < ?`
		args = append(args, q.Prefix, q.Prefix+"\xff") // no UTF-8 text has this byte
	}
	return where, args
}

func (o Order) sql() string {
	return [...]string{
		ByID:          ` ORDER BY d.id`,
		ByName:        ` ORDER BY d.name, d.id`,
		ByCreated:     ` ORDER BY d.created, d.id`,
		ByCreatedDesc: ` ORDER BY d.created DESC, d.id DESC`,
	}[o]
}

func (o Order) after() string {
	return [...]string{
		ByID:          ` AND d.id > ?`,
		ByName:        ` AND (d.name, d.id) > (?, ?)`,
		ByCreated:     ` AND (d.created, d.id) > (?, ?)`,
		ByCreatedDesc: ` AND (d.created, d.id) < (?, ?)`,
	}[o]
}

// A position is the place of a document in a list. It holds what the list is
// sorted by, so it means the same after the document is gone.
type position struct {
	ID      string `json:"i"`
	Name    string `json:"n,omitempty"`
	Created int64  `json:"c,omitempty"`
}

func (p position) String() string {
	b, _ := json.Marshal(p) // strings and a number: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

func (p position) args(o Order) []any {
	switch o {
	case ByName:
		return []any{p.Name, p.ID}
	case ByCreated, ByCreatedDesc:
		return []any{p.Created, p.ID}
	}
	return []any{p.ID}
}

func parsePosition(s string, o Order) (p position, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return p, ErrPosition
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, ErrPosition
	}
	return p, nil
}
