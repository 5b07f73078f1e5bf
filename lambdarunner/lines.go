package lambdarunner

import "bytes"

// MaxLine is where a line without end is cut, in bytes: an event of CloudWatch Logs has 256 KB.
const MaxLine = 256 << 10

// Lines is a writer that calls Print for each line, with its end.
type Lines struct {
	Print func([]byte) // must not keep its argument

	rest []byte // begun, not ended
}

func (l *Lines) Write(p []byte) (int, error) {
	n := len(p)
	if len(l.rest) > 0 {
		l.rest = append(l.rest, p...)
		p = l.rest
	}
	left := p
	for {
		end := bytes.IndexByte(left, '\n') + 1
		if end == 0 && len(left) < MaxLine {
			break
		}
		if end == 0 || end > MaxLine {
			end = MaxLine
		}
		l.Print(left[:end])
		left = left[end:]
	}
	l.rest = append(l.rest[:0], left...)
	return n, nil
}

// Flush prints a line that has no end so far.
func (l *Lines) Flush() {
	if len(l.rest) > 0 {
		l.Print(l.rest)
		l.rest = l.rest[:0]
	}
}
