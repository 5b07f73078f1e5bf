package process

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/lambdarunner"
)

// Each case is a question about what the client in AWS's Ruby images does with a handler.
// Source: its public source (aws_lambda_ric) and facts recorded of AWS Lambda.
var rubyHandlers = []struct {
	name, handler string
	code          string
	want          string // of the payload
	failed        string // errorType of a failure
	message       string // part of its errorMessage
	log           string // part of the log
}{
	{name: "a method", handler: "m.f", code: "def f(event:, context:)\n  { got: event, n: nil }\nend", want: `{"got":{"a":"é"},"n":null}`},
	{name: "a method of a class in a module", handler: "m.A::B.f", code: "module A; class B; def self.f(event:, context:) = event['a']; end; end", want: `"é"`},
	{name: "a file in a folder", handler: "lib/m.f", code: "def f(event:, context:) = __method__", want: `"f"`},
	{name: "the context", handler: "m.f", code: "def f(event:, context:) = [context.function_name, context.memory_limit_in_mb, context.get_remaining_time_in_millis.between?(1, 3000), context.aws_request_id.size, context.identity, ENV['_HANDLER'], Dir.pwd == ENV['LAMBDA_TASK_ROOT']]",
		want: `["f","128",true,36,null,"m.f",true]`},
	{name: "a stream is not JSON", handler: "m.f", code: "require 'stringio'\ndef f(event:, context:) = StringIO.new('as it is')", want: `as it is`},
	{name: "puts of several lines is one event", handler: "m.f", code: "def f(event:, context:)\n  puts 'one', ['two']\nend", want: `null`, log: "one\ntwo\n"},
	{name: "a logger names the request", handler: "m.f", code: "require 'logger'\ndef f(event:, context:)\n  Logger.new($stdout).info('said')\n  nil\nend", want: `null`, log: "  INFO 8f7e2c3a-0000-4000-8000-000000000001 -- : said\n"},
	{name: "a name of localhost", handler: "m.f", code: "require 'socket'\ndef f(event:, context:)\n  s = TCPServer.new('127.0.0.1', 0)\n  TCPSocket.new('x.localhost', s.addr[1]).close\n  'reached'\nend", want: `"reached"`},
	{name: "an exception", handler: "m.f", code: "class Mine < StandardError; end\ndef f(event:, context:) = raise(Mine, 'no')", failed: "Function<Mine>", message: "no", log: "Error raised from handler method\n{\n  \"errorMessage\": \"no\""},
	{name: "RuntimeError", handler: "m.f", code: "def f(event:, context:) = raise('no')", failed: "Function<RuntimeError>", message: "no"},
	{name: "no such method", handler: "m.g", code: "", failed: "Function<NoMethodError>", message: "undefined method", log: "Critical exception from handler"},
	{name: "no such class", handler: "m.A.f", code: "", failed: "Function<NameError>", message: "uninitialized constant Kernel::A"},
	{name: "exit in a handler", handler: "m.f", code: "def f(event:, context:) = exit(3)", failed: "Function<SystemExit>", message: "exit"},
	{name: "no such file", handler: "nosuch.f", code: "", failed: "Init<LoadError>", message: "cannot load such file -- nosuch", log: "Init error when loading handler"},
	{name: "a syntax error", handler: "m.f", code: "def f(", failed: "Init<SyntaxError>", message: "m.rb:1: syntax error"},
	{name: "an exception while loading", handler: "m.f", code: "raise 'early'", failed: "Init<RuntimeError>", message: "early"},
	{name: "a handler without a method", handler: "m", code: "", failed: "Init<ArgumentError>", message: `Invalid handler ["m"], must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD`},
}

func TestRubyHandlersBehaveAsInTheImageOfAWS(t *testing.T) {
	needs(t, "ruby")
	h := newHarness(t, Options{})
	for _, c := range rubyHandlers {
		t.Run(c.name, func(t *testing.T) {
			h := &harness{t, h.pool, h.logs, h.launcher}
			r := h.invoke(h.function("ruby3.3", c.handler, map[string]string{"m.rb": c.code, "lib/m.rb": c.code}), `{"a":"é"}`)
			if c.failed == "" {
				if r.FunctionError != "" || string(r.Payload) != c.want {
					t.Errorf("%q %s, want %s\n%s", r.FunctionError, r.Payload, c.want, r.LogTail)
				}
			} else {
				var got struct{ ErrorType, ErrorMessage string }
				if err := json.Unmarshal(r.Payload, &got); err != nil {
					t.Fatalf("%s: %v", r.Payload, err)
				}
				if r.FunctionError != "Unhandled" || got.ErrorType != c.failed || !strings.Contains(got.ErrorMessage, c.message) {
					t.Errorf("%q %s, want %s: %s\n%s", r.FunctionError, r.Payload, c.failed, c.message, r.LogTail)
				}
			}
			if !strings.Contains(string(r.LogTail), c.log) {
				t.Errorf("the log lacks %q:\n%s", c.log, r.LogTail)
			}
		})
	}
}

func TestARubyStackTraceIsTheFunctionsOwn(t *testing.T) {
	needs(t, "ruby")
	h := newHarness(t, Options{})
	fn := h.function("ruby3.3", "m.f", map[string]string{"m.rb": "def g = raise('no')\n\ndef f(event:, context:)\n  g\nend"})
	var got struct{ StackTrace []string }
	r := h.invoke(fn, `{}`)
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	for i, line := range got.StackTrace { // how it quotes a method depends on Ruby's version
		got.StackTrace[i], _, _ = strings.Cut(line, ":in ")
	}
	file := fn.Code.Dir + "/m.rb"
	if diff := cmp.Diff([]string{file + ":1", file + ":4"}, got.StackTrace); diff != "" {
		t.Error(diff)
	}
	if r := h.invoke(fn, `{}`); r.InitDuration != 0 {
		t.Error("an exception ended the sandbox")
	}
}

func TestRubyFindsItsLayersAndGems(t *testing.T) {
	needs(t, "ruby")
	h := newHarness(t, Options{})
	gem := func(name string) map[string]string {
		return map[string]string{
			"specifications/" + name + "-1.0.0.gemspec":   "Gem::Specification.new { |s| s.name = '" + name + "'; s.version = '1.0.0'; s.summary = s.author = 'x'; s.require_paths = ['lib'] }",
			"gems/" + name + "-1.0.0/lib/" + name + ".rb": "$" + name + " = '" + name + "'",
		}
	}
	under := func(dir string, files map[string]string) map[string]string {
		all := map[string]string{}
		for name, text := range files {
			all[dir+name] = text
		}
		return all
	}
	files := under("vendor/bundle/ruby/3.3.0/", gem("own"))
	files["m.rb"] = "require 'own'\nrequire 'layered'\nrequire 'shelf'\nrequire_relative 'beside'\ndef f(event:, context:) = [$own, $layered, $shelf, $beside]"
	files["beside.rb"] = "$beside = 'beside'"
	layer := under("ruby/gems/3.3.0/", gem("layered"))
	layer["ruby/lib/shelf.rb"] = "$shelf = 'shelf'"
	fn := h.function("ruby3.3", "m.f", files)
	fn.Layers = []lambdarunner.Code{h.layer(layer)}
	if r := h.invoke(fn, `{}`); string(r.Payload) != `["own","layered","shelf","beside"]` {
		t.Errorf("%s\n%s", r.Payload, r.LogTail)
	}
}

func TestARuntimeThatCannotRunHereSaysWhy(t *testing.T) {
	h := newHarness(t, Options{})
	fn := h.function("java21", "x.Y::z", nil)
	_, err := h.pool.Invoke(t.Context(), fn, &lambdarunner.Invocation{RequestID: "r", Payload: []byte("{}")})
	if err == nil || !strings.Contains(err.Error(), "runtime java21 cannot run as a process here: only provided, python, nodejs and ruby can; start Postern with a Docker engine") {
		t.Error(err)
	}
}
