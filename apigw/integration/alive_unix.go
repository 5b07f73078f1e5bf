//go:build unix

package integration

import "syscall"

// alive reports whether the backend has not closed an idle connection, nor said anything that
// nobody asked for. A TLS connection may have something to say of itself.
func (c *connection) alive() bool {
	sc, ok := c.raw.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		secure := c.raw != c.Conn
		open = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || n > 0 && secure
		return true
	})
	return err == nil && open
}
