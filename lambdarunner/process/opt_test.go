package process

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/lambdarunner"
)

// layer writes files into a directory that is a layer.
func (h *harness) layer(files map[string]string) lambdarunner.Code {
	h.t.Helper()
	dir := h.function("", "", files).Code.Dir
	return lambdarunner.Code{Dir: dir, Digest: dir}
}

// Each case is a question about what a function finds in its layers. Source: Developer
// Guide, "Layer paths for each Lambda runtime" and "Modifying the runtime environment".
var layered = []struct {
	name, runtime, handler string
	files                  map[string]string
	layers                 []map[string]string
	variables              map[string]string
	want, failed           string
}{
	{name: "python: python/", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import shared\ndef f(e, c): return shared.v"},
		layers: []map[string]string{{"python/shared.py": "v = 'layer'"}}, want: `"layer"`},
	{name: "python: site-packages of the runtime's version", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import shared\ndef f(e, c): return shared.v"},
		layers: []map[string]string{{"python/lib/python3.12/site-packages/shared/__init__.py": "v = 12", "python/lib/python3.9/site-packages/shared/__init__.py": "v = 9"}}, want: `12`},
	{name: "python: the function's own module comes first", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import shared\ndef f(e, c): return shared.v", "shared.py": "v = 'own'"},
		layers: []map[string]string{{"python/shared.py": "v = 'layer'"}}, want: `"own"`},
	{name: "python: a layer's module comes before this machine's", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import pip\ndef f(e, c): return pip.v"},
		layers: []map[string]string{{"python/pip.py": "v = 'layer'"}}, want: `"layer"`},
	{name: "python: a PYTHONPATH of the user's own leaves the layers there", runtime: "python3.12", handler: "m.f",
		files:     map[string]string{"m.py": "import shared, extra\ndef f(e, c): return shared.v + extra.v", "lib/extra.py": "v = 1"},
		layers:    []map[string]string{{"python/shared.py": "v = 1"}},
		variables: map[string]string{"PYTHONPATH": "/var/task/lib"}, want: `2`},
	{name: "python: a package is whole over two layers' files", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "from shared import a, b\ndef f(e, c): return [a.v, b.v]"},
		layers: []map[string]string{{"python/shared/a.py": "v = 1", "python/shared/b.py": "v = 1"}, {"python/shared/b.py": "v = 2"}}, want: `[1, 2]`},
	{name: "node: node_modules", runtime: "nodejs22.x", handler: "m.f",
		files:  map[string]string{"m.js": "const s = require('shared'); exports.f = async () => s.v;"},
		layers: []map[string]string{{"nodejs/node_modules/shared/index.js": "exports.v = 'layer';"}}, want: `"layer"`},
	{name: "node: the version's node_modules come first", runtime: "nodejs22.x", handler: "m.f",
		files: map[string]string{"m.js": "const s = require('shared'); exports.f = async () => s.v;"},
		layers: []map[string]string{{"nodejs/node_modules/shared/index.js": "exports.v = 'any';", "nodejs/node22/node_modules/shared/index.js": "exports.v = 22;",
			"nodejs/node20/node_modules/shared/index.js": "exports.v = 20;"}}, want: `22`},
	{name: "node: the function's own module comes first", runtime: "nodejs22.x", handler: "m.f",
		files:  map[string]string{"m.js": "const s = require('shared'); exports.f = async () => s.v;", "node_modules/shared/index.js": "exports.v = 'own';"},
		layers: []map[string]string{{"nodejs/node_modules/shared/index.js": "exports.v = 'layer';"}}, want: `"own"`},
	{name: "node: an ES module imports from a layer", runtime: "nodejs22.x", handler: "m.f",
		files:  map[string]string{"m.mjs": "import { v } from '@our/shared/deep'; export const f = async () => v;"},
		layers: []map[string]string{{"nodejs/node_modules/@our/shared/package.json": `{"exports":{"./deep":"./d.mjs"}}`, "nodejs/node_modules/@our/shared/d.mjs": "import os from 'node:os'; export const v = os.EOL;"}}, want: `"\n"`},
	{name: "node: an ES module that is nowhere", runtime: "nodejs22.x", handler: "m.f",
		files:  map[string]string{"m.mjs": "import { v } from 'nowhere'; export const f = async () => v;"},
		layers: []map[string]string{{"nodejs/node_modules/shared/index.js": ""}}, failed: "Cannot find package 'nowhere' imported from"},
	{name: "later layers win", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import os, shared\ndef f(e, c): return [shared.v, open(os.environ['POSTERN_OPT'] + '/only').read()]"},
		layers: []map[string]string{{"python/shared.py": "v = 1", "only": "first"}, {"python/shared.py": "v = 2"}, {"python/shared.py": "v = 3"}}, want: `[3, "first"]`},
	{name: "bin is on the PATH", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import subprocess\ndef f(e, c): return subprocess.check_output(['a-tool-of-a-layer']).decode()"},
		layers: []map[string]string{{"bin/a-tool-of-a-layer": "#!/bin/sh\nprintf used"}}, want: `"used"`},
	{name: "lib is searched for libraries", runtime: "python3.12", handler: "m.f",
		files:  map[string]string{"m.py": "import os\ndef f(e, c):\n    l = os.environ['LD_LIBRARY_PATH'].split(':')\n    return [l[-1] == os.environ['POSTERN_OPT'] + '/lib', l[-2] == os.environ['LAMBDA_TASK_ROOT'] + '/lib']"},
		layers: []map[string]string{{"lib/libx.so": ""}}, want: `[true, true]`},
	{name: "a wrapper gets the runtime's command", runtime: "python3.12", handler: "m.f",
		files:     map[string]string{"m.py": "import os\ndef f(e, c): return os.environ['WRAPPED']"},
		layers:    []map[string]string{{"wrapper": "#!/bin/sh\nexport WRAPPED=\"$(basename $0) $#\"\nexec \"$@\"\n"}},
		variables: map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}, want: `"wrapper 5"`},
	{name: "a wrapper of the package", runtime: "nodejs22.x", handler: "m.f",
		files:     map[string]string{"m.js": "exports.f = async () => process.env.WRAPPED;", "wrapper": "#!/bin/sh\nWRAPPED=yes exec \"$@\"\n"},
		variables: map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"}, want: `"yes"`},
	{name: "a wrapper that is not there (recorded: exit status 127)", runtime: "python3.12", handler: "m.f",
		files: map[string]string{"m.py": ""}, layers: []map[string]string{{"x": ""}},
		variables: map[string]string{"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}, failed: "Runtime exited with error: exit status 127"},
	{name: "variables that name files of a layer", runtime: "nodejs22.x", handler: "m.f",
		files:     map[string]string{"m.js": "exports.f = async () => [globalThis.early, process.env.NOT];"},
		layers:    []map[string]string{{"early.js": "globalThis.early = 'required';"}},
		variables: map[string]string{"NODE_OPTIONS": "--no-warnings --require /opt/early.js", "NOT": "/opt/nothing /optical/early.js x/opt/early.js"},
		want:      `["required","/opt/nothing /optical/early.js x/opt/early.js"]`},
	{name: "a runtime in a layer", runtime: "provided.al2023", handler: "x",
		files:  map[string]string{"data": "x"},
		layers: []map[string]string{{"bootstrap": "#!/bin/sh\necho \"$(basename $PWD/$(ls))\" >&2\nexit 7\n"}}, failed: "exit status 7"},
	{name: "the package's own runtime comes first", runtime: "provided.al2023", handler: "x",
		files:  map[string]string{"bootstrap": "#!/bin/sh\nexit 8\n"},
		layers: []map[string]string{{"bootstrap": "#!/bin/sh\nexit 7\n"}}, failed: "exit status 8"},
}

func TestFunctionsFindTheirLayers(t *testing.T) {
	needs(t, "python3")
	needs(t, "node")
	h := newHarness(t, Options{})
	for _, c := range layered {
		t.Run(c.name, func(t *testing.T) {
			h := &harness{t, h.pool, h.logs, h.launcher}
			fn := h.function(c.runtime, c.handler, c.files)
			for _, files := range c.layers {
				fn.Layers = append(fn.Layers, h.layer(files))
			}
			fn.Environment = c.variables
			r := h.invoke(fn, `{}`)
			if c.failed != "" {
				var got struct{ ErrorMessage string }
				if err := json.Unmarshal(r.Payload, &got); err != nil || r.FunctionError == "" || !strings.Contains(got.ErrorMessage, c.failed) {
					t.Errorf("%s %v, want %s\n%s", r.Payload, err, c.failed, r.LogTail)
				}
				return
			}
			if r.FunctionError != "" || string(r.Payload) != c.want {
				t.Errorf("%q %s, want %s\n%s", r.FunctionError, r.Payload, c.want, r.LogTail)
			}
		})
	}
}

func TestALayerThatIsEditedIsSeenByTheNextRequest(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	for _, under := range [][]lambdarunner.Code{nil, {h.layer(map[string]string{"python/base.py": "v = 'base'"})}} {
		live := h.layer(map[string]string{"python/shared.py": "v = 'before'"})
		live.Live = true
		fn := h.function("python3.12", "m.f", map[string]string{"m.py": "import shared\ndef f(e, c): return shared.v"})
		fn.Layers, fn.Revision = append(under, live), live.Dir
		if r := h.invoke(fn, `{}`); string(r.Payload) != `"before"` {
			t.Errorf("%s", r.Payload)
		}
		if err := os.WriteFile(filepath.Join(live.Dir, "python", "shared.py"), []byte("v = 'after it'"), 0o644); err != nil {
			t.Fatal(err)
		}
		if r := h.invoke(fn, `{}`); string(r.Payload) != `"after it"` {
			t.Errorf("over %d layers: %s", len(under), r.Payload)
		}
	}
}

func TestAFunctionWithoutLayersSeesNothingOfThem(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": "import os, sys\ndef f(e, c): return ['POSTERN_OPT' in os.environ, [p for p in sys.path if p.startswith('/opt/python')]]"})
	if r := h.invoke(fn, `{}`); string(r.Payload) != `[false, []]` {
		t.Errorf("%s", r.Payload)
	}
}
