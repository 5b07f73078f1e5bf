package docker

import (
	"encoding/json"
	"testing"

	"postern/lambdarunner"
)

func TestAFullTmpIsAnErrorOfTheFunctionAlone(t *testing.T) {
	l := newLauncher(t, Options{})
	if l.disks == nil {
		t.Skip("limiting /tmp takes root on the engine's machine and e2fsprogs")
	}
	full, other := launch(t, l, probeFunction("full"), nil), launch(t, l, probeFunction("other"), nil)
	var got struct {
		MB  int
		Why string
	}
	if answer := probeOrder(t, full, "stuff", "/tmp/all"); json.Unmarshal([]byte(answer), &got) != nil || got.Why != "write /tmp/all: no space left on device" {
		t.Errorf("got %s", answer)
	}
	if got.MB < 512 || got.MB > 512+tmpSlack(512) {
		t.Errorf("%d MB of 512 went in", got.MB)
	}
	if got := probeOrder(t, other, "write", "/tmp/x"); got != `"written"` {
		t.Errorf("another function: %s", got)
	}
	if got := probeOrder(t, full, "write", "/tmp/x"); got != `"written"` {
		t.Errorf("after it made room: %s", got)
	}
	if got := probeOrder(t, full, "list", "/tmp"); got != `["x"]` {
		t.Errorf("in /tmp is %s", got)
	}
}

func TestTmpWithoutALimitCanBeWritten(t *testing.T) {
	l := newLauncher(t, Options{})
	l.disks = nil
	for name, fn := range map[string]*lambdarunner.Function{
		"an image without a /tmp": imageFunction(t, l, "unlimited", probeImage(t)), "one with it": probeFunction("unlimited"),
	} {
		if got := probeOrder(t, launch(t, l, fn, nil), "write", "/tmp/x"); got != `"written"` {
			t.Errorf("%s: %s", name, got)
		}
	}
}
