package lambdarunner

import (
	"hash/fnv"
	"io/fs"
	"path/filepath"
)

// A codePrint tells one state of a live directory from another; 0 for code that
// cannot change.
type codePrint uint64

// maxWatched bounds how many files of a live directory are looked at.
const maxWatched = 5000

// printOf looks at names, sizes and times of a live directory's files. It costs a
// stat a file, so that the next request sees what was saved without a watcher.
func printOf(fn *Function) codePrint {
	if !fn.Code.Live {
		return 0
	}
	root, err := filepath.EvalSymlinks(fn.Code.Dir) // WalkDir does not enter a link
	if err != nil {
		root = fn.Code.Dir // gone: that is a state too
	}
	h := fnv.New64a()
	seen := 0
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		if d.IsDir() && ignored(d.Name()) && path != root {
			return fs.SkipDir
		}
		if seen++; seen > maxWatched {
			return fs.SkipAll
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			h.Write([]byte(path))
			stamp := [16]byte{}
			putUint64(stamp[:8], uint64(info.ModTime().UnixNano()))
			putUint64(stamp[8:], uint64(info.Size()))
			h.Write(stamp[:])
		}
		return nil
	})
	return codePrint(h.Sum64() | 1)
}

// ignored are directories that change without the function changing.
func ignored(name string) bool {
	return name == ".git" || name == "__pycache__" || name == "node_modules" || name == ".venv"
}

func putUint64(b []byte, v uint64) {
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
}
