package docker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// loopDisks makes file systems of a given size in files of this machine, which the engine mounts as
// volumes: a function that fills its /tmp gets "no space left on device", and nobody else does. A file
// has no name any more when it is in use, and its loop device is one that ends with its last user
// (loop(4), LO_FLAGS_AUTOCLEAR), so that nothing is left even when Postern is killed.
//
// It takes root on the engine's own Linux machine, and e2fsprogs.
type loopDisks struct {
	mu        sync.Mutex           // guards templates
	templates map[int]diskTemplate // by size in MB
}

// A diskTemplate is what an empty file system has in its file, which is holes for the rest.
type diskTemplate struct {
	size    int64
	extents []extent
}

type extent struct {
	offset int64
	data   []byte
}

// A loopDisk is one file system on a block device, kept until it is released.
type loopDisk struct {
	device string // /dev/loop7
	hold   *os.File
}

func newLoopDisks() (*loopDisks, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("only root may make file systems")
	}
	for _, program := range []string{"mkfs.ext4", "debugfs"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		return nil, err
	}
	return &loopDisks{templates: map[int]diskTemplate{}}, nil
}

// attach makes an empty file system of so many megabytes.
func (d *loopDisks) attach(megabytes int) (*loopDisk, error) {
	template, err := d.template(megabytes)
	if err != nil {
		return nil, err
	}
	file, err := unnamed()
	if err != nil {
		return nil, err
	}
	defer file.Close() // the device keeps it
	if err := template.write(file); err != nil {
		return nil, fmt.Errorf("write a file system: %w", err)
	}
	return attachLoop(file)
}

// unnamed is a file that is gone when nobody has it open. Not in /tmp, which may be memory.
func unnamed() (*os.File, error) {
	file, err := os.CreateTemp("/var/tmp", "postern-tmp-")
	if err != nil {
		return nil, err
	}
	return file, os.Remove(file.Name())
}

func (d *loopDisks) template(megabytes int) (diskTemplate, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known, ok := d.templates[megabytes]; ok {
		return known, nil
	}
	file, err := os.CreateTemp("/var/tmp", "postern-tmp-")
	if err != nil {
		return diskTemplate{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	size := int64(megabytes+tmpSlack(megabytes)) << 20
	if err := errors.Join(file.Truncate(size), format(file.Name())); err != nil {
		return diskTemplate{}, err
	}
	made, err := readTemplate(file, size)
	if err == nil {
		d.templates[megabytes] = made
	}
	return made, err
}

// format makes an empty ext4 that everyone can write to at its top, without the directory that is
// there for repairs: a function that clears up its /tmp must not stumble over it.
func format(name string) error {
	mkfs := exec.Command("mkfs.ext4", "-q", "-F", "-m", "0", "-i", "32768", "-O", "^has_journal,^resize_inode",
		"-E", "lazy_itable_init=1,nodiscard,root_owner="+sandboxUser, name)
	if out, err := mkfs.CombinedOutput(); err != nil {
		return fmt.Errorf("mkfs.ext4: %w: %s", err, out)
	}
	debugfs := exec.Command("debugfs", "-w", "-f", "-", name)
	debugfs.Stdin = strings.NewReader("rmdir lost+found\nset_inode_field <2> mode 041777\n")
	if out, err := debugfs.CombinedOutput(); err != nil {
		return fmt.Errorf("debugfs: %w: %s", err, out)
	}
	return nil
}

func readTemplate(file *os.File, size int64) (diskTemplate, error) {
	t := diskTemplate{size: size}
	for end := int64(0); ; {
		begin, err := file.Seek(end, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		if end, err = file.Seek(begin, unix.SEEK_HOLE); err != nil {
			return t, err
		}
		data := make([]byte, end-begin)
		if _, err := file.ReadAt(data, begin); err != nil && !errors.Is(err, io.EOF) {
			return t, err
		}
		t.extents = append(t.extents, extent{begin, data})
	}
}

func (t diskTemplate) write(file *os.File) error {
	if err := file.Truncate(t.size); err != nil {
		return err
	}
	for _, e := range t.extents {
		if _, err := file.WriteAt(e.data, e.offset); err != nil {
			return err
		}
	}
	return nil
}

// attachLoop makes a block device of a file. The kernel names a free one, which others may take first.
func attachLoop(file *os.File) (*loopDisk, error) {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer control.Close()
	for range 50 {
		number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, fmt.Errorf("find a free loop device: %w", err)
		}
		device := "/dev/loop" + strconv.Itoa(number)
		hold, err := os.OpenFile(device, os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		config := unix.LoopConfig{Fd: uint32(file.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		err = unix.IoctlLoopConfigure(int(hold.Fd()), &config)
		if err == nil {
			return &loopDisk{device: device, hold: hold}, nil
		}
		hold.Close()
		if !errors.Is(err, unix.EBUSY) {
			return nil, fmt.Errorf("attach %s: %w", device, err)
		}
	}
	return nil, errors.New("every free loop device is taken by somebody else at once")
}

// release lets the device end with its last other user. It may be called twice, and of nil.
func (d *loopDisk) release() {
	if d != nil {
		d.hold.Close() // the second time an error that says so
	}
}
