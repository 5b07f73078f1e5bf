// Package accesskey makes ids of access keys that have the account in them, as AWS's have: so an
// id alone says where its owner is kept.
package accesskey

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
)

// Prefixes of ids.
const (
	User    = "AKIA" // of a user, until it is deleted
	Session = "ASIA" // of a session, with a token
)

// Random is how many random bytes New needs.
const Random = 5

// New makes an id: behind the prefix come 80 bits in base 32, of which bits 1 to 40 are the
// account. account has 12 digits.
func New(prefix, account string, random [Random]byte) string {
	n, _ := strconv.ParseUint(account, 10, 64)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], (1<<47|n<<7|uint64(random[0]&0x7f))<<16)
	copy(b[6:10], random[1:])
	return prefix + base32.StdEncoding.EncodeToString(b[:10])
}

// Account reads the account out of an id.
func Account(id string) (account string, ok bool) {
	if len(id) != 20 {
		return "", false
	}
	b, err := base32.StdEncoding.DecodeString(id[4:])
	if err != nil {
		return "", false
	}
	n := binary.BigEndian.Uint64(b) >> 16 & (1<<47 - 1) >> 7
	return fmt.Sprintf("%012d", n), n < 1e12
}
