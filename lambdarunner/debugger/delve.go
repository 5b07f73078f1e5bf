package debugger

import (
	"context"
	"fmt"
	"net"
	"net/rpc/jsonrpc"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Delve is the command by which delve starts a program and listens at an address. It waits for a debugger, or lets
// the program go.
func Delve(delve, program, at string, wait bool) []string {
	command := []string{delve, "exec", program, "--headless", "--listen=" + at, "--api-version=2", "--accept-multiclient", "--check-go-version=false"}
	if !wait {
		command = append(command, "--continue")
	}
	return command
}

// exited is what delve says of a program that has ended, of which it goes on to tell.
var exited = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^Process \d+ has exited with status (-?\d+)$`) })

// Ended returns when a program has ended under the delve that listens at an address, and how, as os/exec words it:
// "" is well. It is false when delve is gone before, or who asks is closing.
func Ended(delve string, gone, closing <-chan struct{}) (how string, ended bool) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		defer stop()
		select {
		case <-gone:
		case <-closing:
		case <-ctx.Done():
		}
	}()
	conn, err := await(ctx, delve)
	if err != nil {
		return "", false
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client := jsonrpc.NewClient(conn)
	defer client.Close()
	for {
		var state struct{}
		if err := client.Call("RPCServer.State", struct{ NonBlocking bool }{true}, &state); err != nil {
			m := exited().FindStringSubmatch(err.Error())
			if m == nil {
				return "", false
			}
			status, _ := strconv.Atoi(m[1])
			return wording(status), true
		}
		select {
		case <-time.After(100 * time.Millisecond): // delve tells nobody who does not ask
		case <-ctx.Done():
			return "", false
		}
	}
}

// await connects to a debugger as soon as it listens.
func await(ctx context.Context, to string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	for {
		conn, err := dial(to)
		if err == nil {
			return conn, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// wording is of a status that is negative for a signal.
func wording(status int) string {
	switch {
	case status < 0:
		return "signal: " + syscall.Signal(-status).String()
	case status > 0:
		return fmt.Sprintf("exit status %d", status)
	}
	return ""
}
