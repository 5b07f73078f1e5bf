package s3_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"postern/emulator/s3"
	"postern/emulator/store"
)

const childEnv = "POSTERN_TEST_S3" // the data directory, in a child of the kill test

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		fmt.Fprintln(os.Stderr, serve(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serve is a server of S3 that prints its address.
func serve(dir string) error {
	st, err := store.Open(context.Background(), store.Options{Path: filepath.Join(dir, "postern.db")})
	if err != nil {
		return err
	}
	s, err := s3.New(context.Background(), s3.Options{Store: st, Dir: filepath.Join(dir, "s3")})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return http.Serve(l, s)
}

// startChild starts a server on what an earlier one has left.
func startChild(t *testing.T, dir string) (url string, kill func()) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		child.Process.Kill()
		child.Wait()
	})
	t.Cleanup(kill)
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + strings.TrimSpace(addr), kill
}

func put(url, text string) error {
	r, err := http.NewRequest(http.MethodPut, url, strings.NewReader(text))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

// What was answered with 200 is there after the server was killed, and whole; of the rest nothing is left.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	text := func(key string) string { return strings.Repeat(key+" ", 5000) }
	check := func(url string) {
		for key := range acknowledged {
			res, err := http.Get(url + "/kept/" + key)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || string(body) != text(key) {
				t.Errorf("%s was acknowledged and is %d %.40q, %v", key, res.StatusCode, body, err)
			}
		}
	}
	for round := range 8 {
		url, kill := startChild(t, dir)
		if round == 0 {
			if err := put(url+"/kept", ""); err != nil {
				t.Fatal(err)
			}
		}
		check(url)
		results := make(chan string)
		const writers = 4
		for w := range writers {
			go func() {
				defer func() { results <- "" }()
				for i := 0; ; i++ {
					key := fmt.Sprint(round, "-", w, "-", i)
					if put(url+"/kept/"+key, text(key)) != nil {
						return
					}
					results <- key
				}
			}()
		}
		for n, ended := 0, 0; ended < writers; {
			key := <-results
			if key == "" {
				ended++
				continue
			}
			acknowledged[key] = true
			if n++; n == 30 {
				go kill()
			}
		}
	}
	url, _ := startChild(t, dir)
	check(url)
	fresh, err := os.ReadDir(filepath.Join(dir, "s3", "new"))
	if err != nil || len(fresh) > 0 {
		t.Errorf("left behind: %v, %v", fresh, err)
	}
}
