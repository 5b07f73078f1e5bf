package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"postern/emulator/store"
)

const (
	childEnv = "POSTERN_TEST_STORE" // the file to write, in a child of the kill test
	roundEnv = "POSTERN_TEST_ROUND"
	kills    = 110
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		writeForever(path, os.Getenv(roundEnv))
	}
	os.Exit(m.Run())
}

// writeForever inserts pairs of documents from several goroutines and prints the
// id of each pair once it is acknowledged.
func writeForever(path, round string) {
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%s-%d-%d", round, w, i)
				err := s.Update(context.Background(), scope, func(tx *store.Tx) error {
					return errors.Join(apis.Insert(tx, store.Document[thing]{ID: id, Value: body}),
						stages.Insert(tx, store.Document[thing]{ID: id, Parent: &store.Ref{Kind: "api", ID: id}}))
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Println(id)
			}
		})
	}
	wg.Wait()
}

// killWriter runs a child, kills it after it has acknowledged n writes, and
// returns all that it acknowledged.
func killWriter(t *testing.T, path string, round, n int) (acknowledged []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path, fmt.Sprint(roundEnv, "=", round))
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			break // what is cut off was not acknowledged
		}
		acknowledged = append(acknowledged, strings.TrimSpace(line))
		if len(acknowledged) == n {
			child.Process.Kill()
		}
	}
	child.Wait()
	if stderr.Len() > 0 || len(acknowledged) < n {
		t.Fatalf("round %d: %d writes, %s", round, len(acknowledged), &stderr)
	}
	return acknowledged
}

func TestAKilledProcessLosesNoAcknowledgedWrite(t *testing.T) {
	for _, name := range []string{"one", "another"} { // at once, for the time it takes
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "postern.db")
			var all []string
			for round := range kills / 2 {
				all = append(all, killWriter(t, path, round, 1+round*7%30)...)
			}
			checkAcknowledged(t, path, all)
		})
	}
}

func checkAcknowledged(t *testing.T, path string, ids []string) {
	s := open(t, store.Options{Path: path})
	view(t, s, func(tx *store.Tx) error {
		parents, err := apis.Count(tx, store.Query{})
		children, err2 := stages.Count(tx, store.Query{})
		if parents != children {
			t.Errorf("%d parents and %d children: half a transaction", parents, children)
		}
		for _, id := range ids {
			if _, err := stages.Get(tx, id); err != nil {
				t.Errorf("acknowledged, but %v", err)
			}
		}
		t.Logf("%d kills, %d acknowledged, %d found", kills/2, len(ids), parents)
		return errors.Join(err, err2)
	})
}

func TestAFileIsOpenedByOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "postern.db")
	s := open(t, store.Options{Path: path})
	_, err := store.Open(context.Background(), store.Options{Path: path})
	var locked *store.LockedError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Fatalf("second open: %v", err)
	}
	t.Log(err)
	s.Close()
	open(t, store.Options{Path: path}) // the lock file is still there, the lock is not
}
