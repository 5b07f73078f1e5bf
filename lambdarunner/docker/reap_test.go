package docker

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"

	"postern/lambdarunner"
)

// victimOwner makes the test binary a Postern that leaves a sandbox behind when killed.
const victimOwner = "POSTERN_TEST_VICTIM_OWNER"

// beVictim prepares a launcher and a volume and a container of its, says so and waits for
// its end.
func beVictim() {
	ctx := context.Background()
	l, err := New(ctx, Options{Owner: os.Getenv(victimOwner)})
	if err == nil {
		err = leaveBehind(ctx, l, os.Getenv("POSTERN_TEST_IMAGE"))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("instance", l.owner.instance)
	select {}
}

func leaveBehind(ctx context.Context, l *Launcher, name string) error {
	img, err := l.cli.ImageInspect(ctx, name)
	if err != nil {
		return err
	}
	code, err := l.volumes.acquire(ctx, img, taskRoot, []lambdarunner.Code{{Dir: os.Getenv("POSTERN_TEST_CODE"), Digest: "x"}})
	if err != nil {
		return err
	}
	fn := probeFunction("victim")
	tmp, err := l.newTmp(ctx, img, fn.EphemeralMB)
	if err != nil {
		return err
	}
	_, err = l.cli.ContainerCreate(ctx, &container.Config{Image: img.ID, Cmd: []string{"/none"}, Labels: l.owner.labels("sandbox", nil)},
		l.hostConfig(fn, tmp, code, nil), nil, nil, "")
	return err
}

// killedPostern starts a victim, kills it once it has made all it makes, and returns its instance.
func killedPostern(t *testing.T, owner, image string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimOwner+"="+owner, "POSTERN_TEST_IMAGE="+image, "POSTERN_TEST_CODE="+probe.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // "signal: killed"
	instance, ok := strings.CutPrefix(strings.TrimSpace(line), "instance ")
	if err != nil || !ok {
		t.Fatalf("victim says %q, %v", line, err)
	}
	return instance
}

func TestWhatAKilledPosternLeftIsRemovedAtTheNextStart(t *testing.T) {
	living := newLauncher(t, Options{Owner: "another data directory"})
	if err := leaveBehind(t.Context(), living, living.options.Images["provided.al2023"]); err != nil {
		t.Fatal(err)
	}
	const before = "1 containers, 1 volumes, 1 networks" // the container's own /tmp has no label
	if got := made(t, living.cli, living.owner.instance); got != before {
		t.Fatalf("the living Postern has %s, want %s", got, before)
	}
	dead := killedPostern(t, "some data directory", living.options.Images["provided.al2023"])

	newLauncher(t, Options{})

	if got := made(t, living.cli, dead); got != "0 containers, 0 volumes, 0 networks" {
		t.Errorf("of the killed Postern there are still %s", got)
	}
	if got := made(t, living.cli, living.owner.instance); got != before {
		t.Errorf("the living Postern has only %s left", got)
	}
}

func TestCloseLeavesNothingInTheEngine(t *testing.T) {
	l := newLauncher(t, Options{})
	if err := leaveBehind(t.Context(), l, l.options.Images["provided.al2023"]); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cli := needEngine(t)
	if got := made(t, cli, l.owner.instance); got != "0 containers, 0 volumes, 0 networks" {
		t.Errorf("%s are left", got)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestOnlyTheDeadAreReaped(t *testing.T) {
	l := newLauncher(t, Options{Owner: "mine"})
	me := l.owner.labels("sandbox", nil)
	with := func(change map[string]string) map[string]string {
		labels := map[string]string{}
		for k, v := range me {
			labels[k] = v
		}
		for k, v := range change {
			labels[k] = v
		}
		return labels
	}
	lives := map[string]string{}
	for name, labels := range map[string]map[string]string{
		"this process":                  me,
		"its pid, started earlier":      with(map[string]string{labelStarted: "1"}),
		"a pid that is not there":       with(map[string]string{labelPID: "4194305"}),
		"another machine":               with(map[string]string{labelMachine: "elsewhere"}),
		"a container that is not there": with(map[string]string{labelContainer: strings.Repeat("ab", 32)}),
		"no labels of ours":             {},
	} {
		lives[name] = []string{"unknown", "alive", "dead"}[l.life(t.Context(), labels)]
	}
	want := map[string]string{
		"this process":                  "alive",
		"its pid, started earlier":      "dead",
		"a pid that is not there":       "dead",
		"another machine":               "unknown",
		"a container that is not there": "dead",
		"no labels of ours":             "unknown",
	}
	if diff := cmp.Diff(want, lives); diff != "" {
		t.Error(diff)
	}
}
