package code

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"postern/lambdarunner"
)

// Merge lays unpacked packages over one another, the later ones winning, as Lambda
// does with layers in /opt, and returns the directory. The same packages are merged
// once, by hard links; one alone is its own directory, and none is "". It is not for
// live code, which Overlay writes afresh.
func (c *Cache) Merge(packages []lambdarunner.Code) (string, error) {
	switch len(packages) {
	case 0:
		return "", nil
	case 1:
		return packages[0].Dir, nil
	}
	sum := sha256.New()
	for _, p := range packages {
		fmt.Fprintln(sum, p.Digest)
	}
	dir := filepath.Join(c.dir, "opt-"+hex.EncodeToString(sum.Sum(nil)[:16]))
	return dir, c.build(dir, func(tmp string) error { return Overlay(tmp, packages) })
}

// Overlay writes the files of packages into a directory, over one another. Those of
// live code are links to the user's own.
func Overlay(dir string, packages []lambdarunner.Code) error {
	for _, p := range packages {
		if err := overlay(dir, p); err != nil {
			return fmt.Errorf("lay %s over what is below: %w", p.Dir, err)
		}
	}
	return nil
}

func overlay(dir string, p lambdarunner.Code) error {
	root, err := filepath.EvalSymlinks(p.Dir) // WalkDir does not enter a link
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(from string, entry fs.DirEntry, err error) error {
		if err != nil || from == root {
			return err
		}
		name, err := filepath.Rel(root, from)
		if err != nil {
			return err
		}
		return place(filepath.Join(dir, name), from, entry, p.Live)
	})
}

// place makes to what from is. A directory joins one that is there; all else takes the
// place of what is there, so that no link of one package leads another's files astray.
func place(to, from string, entry fs.DirEntry, live bool) error {
	if there, err := os.Lstat(to); err == nil {
		if entry.IsDir() && there.IsDir() {
			return nil
		}
		if err := os.RemoveAll(to); err != nil {
			return err
		}
	}
	switch {
	case entry.IsDir():
		return os.Mkdir(to, 0o755)
	case live:
		return os.Symlink(from, to)
	case entry.Type()&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	if os.Link(from, to) == nil {
		return nil
	}
	return copyFile(to, from) // not every file system has hard links
}

func copyFile(to, from string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}
