package logs

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
)

// A page of events ends at 10,000 of them or at 1 MB.
const (
	maxPageEvents = 10_000
	maxPageBytes  = 1 << 20
)

// A budget counts what fits into a page.
type budget struct{ events, bytes int }

func newBudget(limit *int32) budget {
	return budget{int(cmp.Or(aws.ToInt32(limit), maxPageEvents)), maxPageBytes}
}

// take is whether one more event fits; the first always does.
func (b *budget) take(e store.LogEvent) bool {
	size := len(e.Message) + store.LogEventOverhead
	if b.events == 0 || size > b.bytes && b.bytes < maxPageBytes {
		return false
	}
	b.events--
	b.bytes -= size
	return true
}

// eventID is the position of an event in 56 digits, as AWS's are: they sort as
// the events do.
func eventID(p store.LogPosition) string {
	return fmt.Sprintf("3%018d%037d", p.Timestamp.UnixMilli(), p.Seq)
}

func parseEventID(id string) (p store.LogPosition, ok bool) {
	if len(id) != 56 || id[0] != '3' {
		return p, false
	}
	ms, err := strconv.ParseInt(id[1:19], 10, 64)
	seq, err2 := strconv.ParseInt(id[19:], 10, 64)
	return store.LogPosition{Timestamp: time.UnixMilli(ms).UTC(), Seq: seq}, err == nil && err2 == nil
}

// A direction is the first letter of a token: forward from a position or backward.
type direction byte

const (
	forward  direction = 'f'
	backward direction = 'b'
)

func (d direction) token(p store.LogPosition) *string {
	return aws.String(string(d) + "/" + eventID(p) + "/s")
}

func parseToken(token string) (d direction, p store.LogPosition, err error) {
	parts := strings.Split(token, "/")
	if len(parts) == 3 && (parts[0] == "f" || parts[0] == "b") && parts[2] == "s" {
		if p, ok := parseEventID(parts[1]); ok {
			return direction(parts[0][0]), p, nil
		}
	}
	return 0, p, invalid("The specified nextToken is invalid.")
}
