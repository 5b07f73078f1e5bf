package live

import (
	"hash"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
)

// A Print tells one state of live directories from another; 0 is of none.
type Print uint64

// A printer makes a Print of names, sizes and times. There is no number of files beyond which changes go unseen. A
// link to a file counts as that file; what is behind a link to a directory is not looked at.
type printer struct {
	h       hash.Hash64
	ignored func(path string, dir bool) bool // a path below the root, with a slash before it
	watch   func(path string)                // of each directory, and what links lead to, before it is read
}

// printOf is the Print of a directory.
func printOf(dir string, ignored func(path string, dir bool) bool, watch func(path string)) Print {
	p := printer{fnv.New64a(), ignored, watch}
	root, err := filepath.EvalSymlinks(dir) // WalkDir does not enter a link
	if err != nil {
		root = dir // gone: that is a state too
	}
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // gone meanwhile
		case path != root && ignored(filepath.ToSlash(path[len(root):]), d.IsDir()):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
			watch(path)
		default:
			p.file(path, d)
		}
		return nil
	})
	return Print(p.h.Sum64() | 1)
}

func (p *printer) file(path string, d fs.DirEntry) {
	info, err := d.Info()
	if err == nil && d.Type()&fs.ModeSymlink != 0 {
		p.stamp(path, info) // that it leads elsewhere now
		p.watch(path)
		info, err = os.Stat(path)
	}
	if err == nil && !info.IsDir() {
		p.stamp(path, info)
	}
}

func (p *printer) stamp(path string, info fs.FileInfo) {
	p.h.Write([]byte(path))
	stamp := [16]byte{}
	putUint64(stamp[:8], uint64(info.ModTime().UnixNano()))
	putUint64(stamp[8:], uint64(info.Size()))
	p.h.Write(stamp[:])
}

func putUint64(b []byte, v uint64) {
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
}
