// Command probe is a function that does as its event says, to see what a sandbox allows.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// An order is one thing to do, with its argument.
type order struct{ Do, With string }

var calls int // in this sandbox

func handle(_ context.Context, o order) (any, error) {
	calls++
	do, known := orders[o.Do]
	if !known {
		return nil, fmt.Errorf("unknown order %q", o.Do)
	}
	return do(o.With)
}

func sleep(d string) (any, error) {
	limit, err := time.ParseDuration(d)
	time.Sleep(limit)
	return "woke", err
}

var orders = map[string]func(with string) (any, error){
	"count": func(string) (any, error) { return calls, nil },
	"env":   func(name string) (any, error) { return os.Getenv(name), nil },
	"print": func(text string) (any, error) {
		fmt.Println(text)
		fmt.Fprintln(os.Stderr, text, "on stderr")
		return nil, nil
	},
	"sleep": sleep,
	"fall asleep": func(d string) (any, error) {
		fmt.Println("asleep")
		return sleep(d)
	},
	"exit": func(string) (any, error) { os.Exit(3); return nil, nil },
	"abort": func(string) (any, error) {
		debug.SetTraceback("crash")
		panic("abort")
	},
	"fill": fill,
	"who":  func(string) (any, error) { return fmt.Sprint(os.Getuid(), ":", os.Getgid()), nil },
	"args": func(string) (any, error) { return os.Args, nil },
	"list": func(dir string) (any, error) {
		entries, err := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names, err
	},
	"dir": func(string) (any, error) { return os.Getwd() },
	"read": func(name string) (any, error) {
		b, err := os.ReadFile(name)
		return string(b), err
	},
	"write": func(name string) (any, error) {
		return "written", os.WriteFile(name, []byte("x"), 0o600)
	},
	"stuff": stuff,
	"chown": func(name string) (any, error) { return "done", os.Chown(name, 0, 0) },
	"raw": func(string) (any, error) {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP)
		return fd, err
	},
	"dial": func(addr string) (any, error) {
		conn, err := net.DialTimeout("tcp", addr, 3*time.Second)
		if err != nil {
			return nil, err
		}
		return "connected", conn.Close()
	},
	"say": say,
	"get": func(url string) (any, error) {
		response, err := http.Get(url)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		return string(b), err
	},
}

// say connects, says something and returns what comes back.
func say(addr string) (any, error) {
	conn, err := net.DialTimeout("tcp", addr, 3*time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /ping HTTP/1.0\r\n\r\n"); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(conn)
	return strings.TrimSpace(string(b)), err
}

// stuff writes to a file until that fails, and says how many MB went in and why it failed.
func stuff(name string) (any, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	block := make([]byte, 1<<20)
	for n := 0; n < 20<<10; n++ {
		if _, err := f.Write(block); err != nil {
			return map[string]any{"MB": n, "Why": err.Error()}, os.Remove(name)
		}
	}
	return "endless", nil
}

// fill takes memory until the kernel ends us.
func fill(string) (any, error) {
	var all [][]byte
	for {
		block := make([]byte, 8<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		all = append(all, block)
		if len(all) > 1<<10 {
			return nil, fmt.Errorf("%d blocks of 8 MB and still here", len(all))
		}
	}
}

func main() { lambda.Start(handle) }
