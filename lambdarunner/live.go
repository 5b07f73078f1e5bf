package lambdarunner

import (
	"hash"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A codePrint tells one state of a live directory from another; 0 for code that
// cannot change.
type codePrint uint64

// printOf looks at names, sizes and times of the files in the live directories of a
// function and its layers. It costs a stat a file, so that the next request sees what
// was saved, always: there is no watcher whose events could come late, and no number of
// files beyond which changes go unseen. A link to a file counts as that file; what is
// behind a link to a directory is not looked at.
func printOf(fn *Function) codePrint {
	var p printer
	if fn.Code.Live {
		p.add(fn.Code.Dir, ignored)
	}
	for _, layer := range fn.Layers {
		if layer.Live {
			p.add(layer.Dir, ignoredInLayers)
		}
	}
	if p.h == nil {
		return 0
	}
	return codePrint(p.h.Sum64() | 1)
}

// A printer makes a codePrint of directories.
type printer struct {
	h hash.Hash64 // nil before the first
}

func (p *printer) add(dir string, ignored func(path string) bool) {
	if p.h == nil {
		p.h = fnv.New64a()
	}
	root, err := filepath.EvalSymlinks(dir) // WalkDir does not enter a link
	if err != nil {
		root = dir // gone: that is a state too
	}
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		if d.IsDir() {
			if path != root && ignored(path[len(root):]) {
				return fs.SkipDir
			}
			return nil
		}
		if !madeByEditors(d.Name()) {
			p.file(path, d)
		}
		return nil
	})
}

func (p *printer) file(path string, d fs.DirEntry) {
	info, err := d.Info()
	if err == nil && d.Type()&fs.ModeSymlink != 0 {
		p.stamp(path, info) // that it leads elsewhere now
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

// ignored are directories that change without the function changing.
func ignored(path string) bool {
	name := filepath.Base(path)
	return name == "node_modules" || madeByTools(name)
}

// ignoredInLayers are those of a layer, whose modules are in node_modules.
func ignoredInLayers(path string) bool {
	parent, name := filepath.Split(path)
	return name == "node_modules" && strings.Contains(parent, "node_modules") || madeByTools(name)
}

func madeByTools(name string) bool {
	return name == ".git" || name == "__pycache__" || name == ".venv"
}

// madeByEditors are the files that Vim, Emacs and JetBrains' editors keep beside one that
// is open: typing is not saving. "4913" is Vim's, to try whether it may write.
func madeByEditors(name string) bool {
	return strings.HasSuffix(name, "~") || strings.HasPrefix(name, ".#") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") ||
		strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".swp") || strings.HasSuffix(name, ".swo") || strings.HasSuffix(name, ".swx")) ||
		name == "4913"
}

func putUint64(b []byte, v uint64) {
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
}
