package sigv4

import (
	"crypto/subtle"
	"encoding/hex"
)

// Chunks verify the pieces of a body in their order, each signed with the one before it ("Signature
// calculations for the Authorization header: Transferring payload in multiple chunks", Amazon S3 API
// Reference).
type Chunks struct {
	key      []byte
	frame    string // what all of them sign: time and scope
	previous string // signature
}

func newChunks(s *Signature, secret string) *Chunks {
	frame := s.Stamp + "\n" + s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator + "\n"
	return &Chunks{key: s.key(secret), frame: frame, previous: s.Hex}
}

// Next verifies a piece by the hash of its bytes.
func (c *Chunks) Next(signature string, hash [32]byte) bool {
	return c.next(signature, "AWS4-HMAC-SHA256-PAYLOAD\n"+c.frame+c.previous+"\n"+hexSum(nil)+"\n"+hex.EncodeToString(hash[:]))
}

// Trailer verifies the trailing headers, each with the newline that ends it.
func (c *Chunks) Trailer(signature, headers string) bool {
	return c.next(signature, "AWS4-HMAC-SHA256-TRAILER\n"+c.frame+c.previous+"\n"+hexSum([]byte(headers)))
}

func (c *Chunks) next(signature, toSign string) bool {
	want := hex.EncodeToString(sum(c.key, toSign))
	c.previous = want
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}
