package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// changes are what the kernel notes of directories and files.
type changes struct {
	fd   int
	root string
	dirs map[int32]string // by watch: the path below the root, with a slash before it
	err  error            // why something is not watched
	buf  [4096]byte
}

// wanted are the events that may mean that something was saved.
const wanted = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF

// local are file systems whose changes all go through this machine's kernel. Others, 9P of WSL and virtual
// machines, NFS, FUSE, change without it.
var local = []int64{
	unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.RAMFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC,
	0x2fc12fc1, // ZFS
}

// watch makes changes of a directory, which are to be told of what to watch; nil if its changes cannot be known.
func watch(dir string) (*changes, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, nil // it is not there
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(root, &fs); err != nil || !slices.Contains(local, int64(fs.Type)) {
		return nil, nil
	}
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &changes{fd: fd, root: root, dirs: map[int32]string{}}, nil
}

// of watches a directory, or what a link leads to. Nil watches nothing.
func (c *changes) of(name string) {
	if c == nil {
		return
	}
	wd, err := unix.InotifyAddWatch(c.fd, name, wanted)
	if err == nil {
		c.dirs[int32(wd)] = filepath.ToSlash(strings.TrimPrefix(name, c.root))
	} else if !errors.Is(err, unix.ENOENT) {
		c.err = os.NewSyscallError("inotify_add_watch", err)
	}
}

// since tells whether something has changed since it was asked last that is not ignored, and whether that was a file.
func (c *changes) since(ignored func(path string, dir bool) bool) (changed, saved bool) {
	for {
		n, err := unix.Read(c.fd, c.buf[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return changed, saved
		case err != nil || n <= 0:
			return true, true
		}
		for events := c.buf[:n]; len(events) >= unix.SizeofInotifyEvent; {
			wd, mask := int32(binary.NativeEndian.Uint32(events)), binary.NativeEndian.Uint32(events[4:])
			end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
			name, _, _ := bytes.Cut(events[unix.SizeofInotifyEvent:end], []byte{0})
			events = events[end:]
			below := path.Join(c.dirs[wd], string(name))
			dir := mask&unix.IN_ISDIR != 0
			if mask&unix.IN_IGNORED == 0 && !ignored(below, dir) {
				changed, saved = true, saved || !dir
			}
		}
	}
}

func (c *changes) close() { unix.Close(c.fd) }
