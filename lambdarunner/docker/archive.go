package docker

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"postern/lambdarunner"
)

// writeArchive writes trees over one another into one tar stream, later ones winning, as
// Lambda lays layers over each other in /opt. Everything belongs to root and can be
// written by nobody; exec bits stay.
func writeArchive(w io.Writer, codes []lambdarunner.Code) error {
	tw := tar.NewWriter(w)
	for _, code := range codes {
		if err := archiveTree(tw, code); err != nil {
			return fmt.Errorf("copy code from %s: %w", code.Dir, err)
		}
	}
	return tw.Close()
}

func archiveTree(tw *tar.Writer, code lambdarunner.Code) error {
	root, err := filepath.EvalSymlinks(code.Dir) // a user's own directory may be a link
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == root {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return archiveFile(tw, root, name, info, code.Live)
	})
}

// archiveFile adds one file, directory or link; sockets and devices have no place in a
// deployment package and are left out.
func archiveFile(tw *tar.Writer, root, name string, info fs.FileInfo, live bool) error {
	var target string
	var err error
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		if target, err = os.Readlink(name); err != nil {
			return err
		}
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		return err
	}
	header.Name = filepath.ToSlash(relative)
	if info.IsDir() {
		header.Name += "/"
	}
	header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
	header.Mode = archiveMode(info, live)
	if err := tw.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return copyFile(tw, name, header.Size)
}

// archiveMode keeps what a zip file says. A user's own directory is made readable for
// all: its files have the permissions of a developer's machine, and Windows has none.
func archiveMode(info fs.FileInfo, live bool) int64 {
	mode := info.Mode().Perm() &^ 0o222
	if live {
		mode |= 0o444
		if info.IsDir() || mode&0o111 != 0 || runtime.GOOS == "windows" {
			mode |= 0o111
		}
	}
	return int64(mode)
}

// copyFile copies exactly size bytes: a live file may change while it is read.
func copyFile(w io.Writer, name string, size int64) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(w, f, size)
	if err == io.EOF {
		return fmt.Errorf("%s changed while it was copied", name)
	}
	return err
}
