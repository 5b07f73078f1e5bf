package store

import (
	"errors"
	"fmt"
)

// PutBlob keeps data under its digest; what is there already stays.
func (tx *Tx) PutBlob(digest string, data []byte) error {
	if data == nil {
		data = []byte{}
	}
	_, err := tx.exec(`INSERT INTO blob (account, region, digest, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		tx.scope.Account, tx.scope.Region, digest, data)
	return err
}

// Blob reads what PutBlob kept in this scope, or ErrNotFound.
func (tx *Tx) Blob(digest string) (data []byte, err error) {
	err = tx.row(`SELECT data FROM blob WHERE account = ? AND region = ? AND digest = ?`,
		tx.scope.Account, tx.scope.Region, digest)(&data)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("blob %s: %w", digest, ErrNotFound)
	}
	return data, err
}

// DeleteBlob removes a blob; ErrNotFound where there is none. Nothing counts who
// refers to it: that is for the caller to know.
func (tx *Tx) DeleteBlob(digest string) error {
	changed, err := tx.exec(`DELETE FROM blob WHERE account = ? AND region = ? AND digest = ?`,
		tx.scope.Account, tx.scope.Region, digest)
	if err == nil && changed == 0 {
		return fmt.Errorf("blob %s: %w", digest, ErrNotFound)
	}
	return err
}
