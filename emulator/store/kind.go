package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Kind is a kind of document of one service, with its Go type: any value that
// encoding/json writes and reads back.
//
//	var restAPIs = store.Kind[types.RestApi]{Service: "apigateway", Name: "restapi"}
type Kind[T any] struct{ Service, Name string }

// A Document is one stored value and where it hangs.
type Document[T any] struct {
	ID      string    // unique in (account, region, service, kind), case-sensitive
	Parent  *Ref      // deleting the parent deletes this document too; nil for none
	Name    string    // what lists may be ordered and searched by
	Created time.Time // the transaction's time where it is zero at Insert
	Value   T
}

// A Ref names a document of the same service and scope.
type Ref struct{ Kind, ID string }

// Insert adds a document: ErrExists where its id is taken, ErrNotFound where its
// parent is not there.
func (k Kind[T]) Insert(tx *Tx, d Document[T]) error {
	return k.write(tx, d, `DO NOTHING`)
}

// Put adds a document or replaces the one with its id, which keeps its creation
// time and its children. ErrNotFound where its parent is not there.
func (k Kind[T]) Put(tx *Tx, d Document[T]) error {
	return k.write(tx, d, `DO UPDATE SET parent = excluded.parent, name = excluded.name, body = excluded.body`)
}

func (k Kind[T]) write(tx *Tx, d Document[T], conflict string) error {
	body, err := json.Marshal(d.Value)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", k.Name, d.ID, err)
	}
	parent, err := k.parent(tx, d.Parent)
	if err != nil {
		return err
	}
	if d.Created.IsZero() {
		d.Created = tx.now
	}
	changed, err := tx.exec(`INSERT INTO document (account, region, service, kind, id, parent, name, created, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, region, service, kind, id) `+conflict,
		tx.scope.Account, tx.scope.Region, k.Service, k.Name, d.ID, parent, d.Name, d.Created.UnixMilli(), string(body))
	if err == nil && changed == 0 {
		return fmt.Errorf("%s %s: %w", k.Name, d.ID, ErrExists)
	}
	return err
}

// parent is the key of a document's parent, nil for none.
func (k Kind[T]) parent(tx *Tx, r *Ref) (*int64, error) {
	if r == nil {
		return nil, nil
	}
	key, err := tx.key(k.Service, r.Kind, r.ID)
	return &key, err
}

// key is the row of a document in the transaction's scope.
func (tx *Tx) key(service, kind, id string) (key int64, err error) {
	err = tx.row(`SELECT key FROM document WHERE account = ? AND region = ? AND service = ? AND kind = ? AND id = ?`,
		tx.scope.Account, tx.scope.Region, service, kind, id)(&key)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%s %s: %w", kind, id, ErrNotFound)
	}
	return key, err
}

// Get reads a document, or ErrNotFound.
func (k Kind[T]) Get(tx *Tx, id string) (Document[T], error) {
	var r record
	err := tx.row(selectDocument+` WHERE d.account = ? AND d.region = ? AND d.service = ? AND d.kind = ? AND d.id = ?`,
		tx.scope.Account, tx.scope.Region, k.Service, k.Name, id)(r.fields()...)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%s %s: %w", k.Name, id, ErrNotFound)
	}
	if err != nil {
		return Document[T]{}, err
	}
	return decode[T](&r)
}

// Delete removes a document and all that hangs from it, or returns ErrNotFound.
func (k Kind[T]) Delete(tx *Tx, id string) error {
	changed, err := tx.exec(`DELETE FROM document WHERE account = ? AND region = ? AND service = ? AND kind = ? AND id = ?`,
		tx.scope.Account, tx.scope.Region, k.Service, k.Name, id)
	if err == nil && changed == 0 {
		return fmt.Errorf("%s %s: %w", k.Name, id, ErrNotFound)
	}
	return err
}

const selectDocument = `SELECT d.id, d.name, d.created, d.body, p.kind, p.id FROM document d LEFT JOIN document p ON p.key = d.parent`

// A record is a row of selectDocument.
type record struct {
	id, name   string
	created    int64
	body       []byte
	parentKind sql.NullString
	parentID   sql.NullString
}

func (r *record) fields() []any {
	return []any{&r.id, &r.name, &r.created, &r.body, &r.parentKind, &r.parentID}
}

func decode[T any](r *record) (Document[T], error) {
	d := Document[T]{ID: r.id, Name: r.name, Created: time.UnixMilli(r.created).UTC()}
	if r.parentKind.Valid {
		d.Parent = &Ref{Kind: r.parentKind.String, ID: r.parentID.String}
	}
	if err := json.Unmarshal(r.body, &d.Value); err != nil {
		return d, fmt.Errorf("decode document %s: %w", r.id, err)
	}
	return d, nil
}
