package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Objects are versions of names in the buckets of a service, each with a T. Buckets are documents, and so
// are uploads, whose parts these are too. What is in an object is a file whose name stands here.
type Objects[T any] struct{ Service, Bucket, Upload string } // the names of the two kinds

// An Object is a version of a name.
type Object[T any] struct {
	Seq      int64 // given by Put, ascending, never used twice
	Name     string
	Version  string
	Latest   bool
	Marker   bool // the object is deleted
	Modified time.Time
	Content  string // name of the file, "" for none
	Value    T
}

// Put makes o the latest version of its name, in place of one with the same version id. Its time is the
// transaction's. ErrNotFound where the bucket is not there.
func (k Objects[T]) Put(tx *Tx, bucket string, o Object[T]) error {
	key, err := tx.key(k.Service, k.Bucket, bucket)
	if err != nil {
		return err
	}
	body, err := json.Marshal(o.Value)
	if err != nil {
		return fmt.Errorf("encode object %s: %w", o.Name, err)
	}
	if _, err := tx.exec(`DELETE FROM object WHERE bucket = ? AND name = ? AND version = ?`, key, o.Name, o.Version); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE object SET latest = 0 WHERE bucket = ? AND name = ? AND latest = 1`, key, o.Name); err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO object (bucket, name, version, latest, marker, modified, content, body) VALUES (?, ?, ?, 1, ?, ?, ?, ?)`,
		key, o.Name, o.Version, o.Marker, tx.now.UnixMilli(), o.Content, string(body))
	return err
}

const selectObject = `SELECT seq, name, version, latest, marker, modified, content, body FROM object WHERE bucket = ?`

// Get reads a version of a name, "" for the latest, which may be a marker; or ErrNotFound.
func (k Objects[T]) Get(tx *Tx, bucket, name, version string) (o Object[T], err error) {
	key, err := tx.key(k.Service, k.Bucket, bucket)
	if err != nil {
		return o, err
	}
	query, args := selectObject+` AND name = ? AND latest = 1`, []any{key, name}
	if version != "" {
		query, args = selectObject+` AND name = ? AND version = ?`, []any{key, name, version}
	}
	return o, scanObject(&o, tx.row(query, args...))
}

func scanObject[T any](o *Object[T], scan func(...any) error) error {
	var modified int64
	var body []byte
	if err := scan(&o.Seq, &o.Name, &o.Version, &o.Latest, &o.Marker, &modified, &o.Content, &body); err != nil {
		return err
	}
	o.Modified = time.UnixMilli(modified).UTC()
	if err := json.Unmarshal(body, &o.Value); err != nil {
		return fmt.Errorf("decode object %s: %w", o.Name, err)
	}
	return nil
}

// Change replaces the value of a version that Get returned.
func (k Objects[T]) Change(tx *Tx, o Object[T]) error {
	body, err := json.Marshal(o.Value)
	if err != nil {
		return fmt.Errorf("encode object %s: %w", o.Name, err)
	}
	_, err = tx.exec(`UPDATE object SET body = ? WHERE seq = ?`, string(body), o.Seq)
	return err
}

// Delete removes a version; the newest of those that are left becomes the latest.
func (k Objects[T]) Delete(tx *Tx, bucket string, o Object[T]) error {
	key, err := tx.key(k.Service, k.Bucket, bucket)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM object WHERE seq = ?`, o.Seq); err != nil || !o.Latest {
		return err
	}
	_, err = tx.exec(`UPDATE object SET latest = 1 WHERE seq = (SELECT max(seq) FROM object WHERE bucket = ? AND name = ?)`, key, o.Name)
	return err
}

// An ObjectQuery selects versions of names in the order of the names' bytes.
type ObjectQuery struct {
	Prefix string // only names that start with
	From   string // only names from here on
	// Before, where it is not 0, leaves out versions of the name From that are as new as this Seq or newer.
	Before int64
	Limit  int
}

// Latest lists the latest versions that are no markers.
func (k Objects[T]) Latest(tx *Tx, bucket string, q ObjectQuery) ([]Object[T], error) {
	return k.list(tx, bucket, q, ` AND latest = 1 AND marker = 0`, ` ORDER BY name`)
}

// Versions lists all versions, of each name the newest first.
func (k Objects[T]) Versions(tx *Tx, bucket string, q ObjectQuery) ([]Object[T], error) {
	return k.list(tx, bucket, q, ``, ` ORDER BY name, seq DESC`)
}

func (k Objects[T]) list(tx *Tx, bucket string, q ObjectQuery, only, order string) (all []Object[T], err error) {
	key, err := tx.key(k.Service, k.Bucket, bucket)
	if err != nil {
		return nil, err
	}
	query, args := selectObject+only+` AND name >= ?`, []any{key, max(q.Prefix, q.From)}
	if q.Prefix != "" {
		query += ` AND name < ?`
		args = append(args, q.Prefix+"\xff") // no UTF-8 text has this byte
	}
	if q.Before != 0 {
		query += ` AND NOT (name = ? AND seq >= ?)`
		args = append(args, q.From, q.Before)
	}
	err = tx.rows(query+order+` LIMIT ?`, append(args, q.Limit), func(rows *sql.Rows) error {
		var o Object[T]
		err := scanObject(&o, rows.Scan)
		all = append(all, o)
		return err
	})
	return all, err
}

// A Part is a part of an upload.
type Part[T any] struct {
	Number   int
	Modified time.Time
	Content  string
	Value    T
}

// PutPart adds a part or replaces the one with its number; ErrNotFound where the upload is not there.
func (k Objects[T]) PutPart(tx *Tx, upload string, p Part[T]) error {
	key, err := tx.key(k.Service, k.Upload, upload)
	if err != nil {
		return err
	}
	body, err := json.Marshal(p.Value)
	if err != nil {
		return fmt.Errorf("encode part %d: %w", p.Number, err)
	}
	if _, err := tx.exec(`DELETE FROM object_part WHERE upload = ? AND number = ?`, key, p.Number); err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO object_part (upload, number, modified, content, body) VALUES (?, ?, ?, ?, ?)`,
		key, p.Number, tx.now.UnixMilli(), p.Content, string(body))
	return err
}

// Parts lists the parts of an upload by number.
func (k Objects[T]) Parts(tx *Tx, upload string) (all []Part[T], err error) {
	key, err := tx.key(k.Service, k.Upload, upload)
	if err != nil {
		return nil, err
	}
	err = tx.rows(`SELECT number, modified, content, body FROM object_part WHERE upload = ? ORDER BY number`, []any{key}, func(rows *sql.Rows) error {
		var p Part[T]
		var modified int64
		var body []byte
		if err := rows.Scan(&p.Number, &modified, &p.Content, &body); err != nil {
			return err
		}
		p.Modified = time.UnixMilli(modified).UTC()
		all = append(all, p)
		return json.Unmarshal(body, &all[len(all)-1].Value)
	})
	return all, err
}

// NamesContent tells whether an object or a part has the file.
func (tx *Tx) NamesContent(content string) (named bool, err error) {
	err = tx.row(`SELECT EXISTS (SELECT 1 FROM object WHERE content = ?1) OR EXISTS (SELECT 1 FROM object_part WHERE content = ?1)`, content)(&named)
	return named, err
}

// Litter is some of the files that nothing names any more.
func (tx *Tx) Litter(limit int) (contents []string, err error) {
	err = tx.rows(`SELECT content FROM object_litter LIMIT ?`, []any{limit}, func(rows *sql.Rows) error {
		var c string
		err := rows.Scan(&c)
		contents = append(contents, c)
		return err
	})
	return contents, err
}

// Removed forgets files of Litter.
func (tx *Tx) Removed(contents []string) error {
	for _, c := range contents {
		if _, err := tx.exec(`DELETE FROM object_litter WHERE content = ?`, c); err != nil {
			return err
		}
	}
	return nil
}

// Anywhere finds a document by its id alone, the oldest where several scopes have it, and the transaction
// looking at its scope; or ErrNotFound.
func (k Kind[T]) Anywhere(tx *Tx, id string) (*Tx, Document[T], error) {
	var sc Scope
	err := tx.row(`SELECT account, region FROM document WHERE id = ? AND kind = ? AND service = ? ORDER BY key LIMIT 1`, id, k.Name, k.Service)(&sc.Account, &sc.Region)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%s %s: %w", k.Name, id, ErrNotFound)
	}
	if err != nil {
		return nil, Document[T]{}, err
	}
	there := tx.In(sc)
	d, err := k.Get(there, id)
	return there, d, err
}

// InAllRegions lists the documents of an account by their ids.
func (k Kind[T]) InAllRegions(tx *Tx, account string) (all []Document[T], err error) {
	var r record
	err = tx.rows(selectDocument+` WHERE d.account = ? AND d.service = ? AND d.kind = ? ORDER BY d.id`, []any{account, k.Service, k.Name}, func(rows *sql.Rows) error {
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		d, err := decode[T](&r)
		all = append(all, d)
		return err
	})
	return all, err
}
