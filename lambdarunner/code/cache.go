package code

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"postern/lambdarunner"
)

// MaxUnzipped is Lambda's limit on an unpacked package with its layers.
const MaxUnzipped = 262144000

// maxFiles bounds a package of empty files.
const maxFiles = 100_000

var (
	ErrNotZip   = errors.New("not a zip file that can be unpacked")
	ErrTooLarge = errors.New("unpacked it is larger than 262144000 bytes")
)

// A Cache is a directory of unpacked packages.
type Cache struct {
	dir string
	mu  sync.Mutex // one building at a time
}

// unusedFor is how long a package is kept that nobody asked for: it can be unpacked again.
const unusedFor = 7 * 24 * time.Hour

// Open uses a directory, which it makes if need be, and clears away what a killed
// process left half unpacked, and what was not used for a week. Nothing may run from it yet.
func Open(dir string) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if strings.HasPrefix(e.Name(), "new-") || err == nil && time.Since(info.ModTime()) > unusedFor {
			removeAll(filepath.Join(dir, e.Name()))
		}
	}
	return &Cache{dir: dir}, nil
}

// touched marks a package as used, at most once an hour.
func touched(dir string, info fs.FileInfo) {
	if now := time.Now(); now.Sub(info.ModTime()) > time.Hour {
		os.Chtimes(dir, now, now) // else it is unpacked again some day
	}
}

// Check says how large a package is unpacked, ErrNotZip or ErrTooLarge if it cannot
// be used.
func Check(data []byte) (int64, error) {
	r, err := open(data)
	if err != nil {
		return 0, err
	}
	var size int64
	for _, f := range r.File {
		size += int64(f.UncompressedSize64)
		if size > MaxUnzipped || f.UncompressedSize64 > MaxUnzipped {
			return size, ErrTooLarge
		}
	}
	return size, nil
}

func open(data []byte) (*zip.Reader, error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotZip, err)
	}
	if len(r.File) > maxFiles {
		return nil, ErrTooLarge
	}
	for _, f := range r.File {
		if !safe(f) {
			return nil, fmt.Errorf("%w: entry %q leads outside the package", ErrNotZip, f.Name)
		}
	}
	return r, nil
}

// safe refuses names that lead outside, and symbolic links that do.
func safe(f *zip.File) bool {
	name := strings.TrimSuffix(f.Name, "/")
	return name == "" || filepath.IsLocal(filepath.FromSlash(name)) && !strings.Contains(name, `\`)
}

// Unpack returns the directory for a package, unpacking it if it is not there yet.
func (c *Cache) Unpack(digest string, data []byte) (lambdarunner.Code, error) {
	sum := sha256.Sum256([]byte(digest))
	dir := filepath.Join(c.dir, hex.EncodeToString(sum[:16]))
	err := c.build(dir, func(tmp string) error {
		r, err := open(data)
		if err != nil {
			return err
		}
		return unpack(r, tmp)
	})
	if err != nil {
		return lambdarunner.Code{}, err
	}
	return lambdarunner.Code{Dir: dir, Digest: digest}, nil
}

// build makes a directory of the cache where it is not there yet: it is filled under
// another name, so that it is there whole or not at all.
func (c *Cache) build(dir string, fill func(tmp string) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if info, err := os.Stat(dir); err == nil {
		touched(dir, info)
		return nil
	}
	tmp, err := os.MkdirTemp(c.dir, "new-")
	if err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return errors.Join(err, removeAll(tmp))
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

func unpack(r *zip.Reader, dir string) error {
	root, err := os.OpenRoot(dir) // nothing can be written outside, links or not
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(MaxUnzipped)
	for _, f := range r.File {
		if err := extract(root, f, &left); err != nil {
			return fmt.Errorf("unpack %q: %w", f.Name, blamed(err))
		}
	}
	return nil
}

// blamed tells what is wrong with a package from what is wrong with the disk that it is unpacked on.
func blamed(err error) error {
	for _, ofDisk := range []error{ErrTooLarge, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, ofDisk) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrNotZip, err)
}

func extract(root *os.Root, f *zip.File, left *int64) error {
	name := filepath.FromSlash(strings.TrimSuffix(f.Name, "/"))
	if name == "" {
		return nil
	}
	mode := f.Mode()
	if strings.HasSuffix(f.Name, "/") || mode.IsDir() {
		return root.MkdirAll(name, 0o755)
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	src, err := f.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	if mode&fs.ModeSymlink != 0 {
		return link(root, name, src)
	}
	dst, err := create(root, name, 0o444|mode.Perm()&0o555)
	if err != nil {
		return err
	}
	n, err := io.Copy(dst, io.LimitReader(src, *left+1))
	*left -= n
	if *left < 0 {
		err = ErrTooLarge
	}
	return errors.Join(err, dst.Close())
}

// create makes a file, in place of one that the package has had under the same name.
func create(root *os.Root, name string, mode fs.FileMode) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	f, err := root.OpenFile(name, flags, mode)
	if errors.Is(err, fs.ErrExist) {
		if err := root.Remove(name); err != nil {
			return nil, err
		}
		return root.OpenFile(name, flags, mode)
	}
	return f, err
}

// link makes a symbolic link that stays inside the package.
func link(root *os.Root, name string, src io.Reader) error {
	target, err := io.ReadAll(io.LimitReader(src, 4096))
	if err != nil {
		return err
	}
	if filepath.IsAbs(string(target)) || !filepath.IsLocal(filepath.Join(filepath.Dir(name), string(target))) {
		return errors.New("the link leads outside the package")
	}
	return root.Symlink(string(target), name)
}

// removeAll removes a directory whose files are read-only.
func removeAll(dir string) error { return os.RemoveAll(dir) }
