"""Postern's Runtime API client for Python: one raw socket, no http.client.

It behaves as the client inside AWS's Python images: handler resolution, context
object, error payloads with stack traces, log format. The interpreter is started
with -I -S, which takes half the time; site-packages join the path when an import
is not found without them.
"""
import sys
import os

# Before the function's directory is searched: a module of its own with such a name is not the client's.
import builtins
import json
import socket
import time
from importlib.machinery import PathFinder

from _sitebuiltins import Quitter


def wait_in_reserve():
    """A spare of the reserve waits here until it is told which directory and variables it has."""
    told = b""
    while part := os.read(3, 1 << 16):
        told += part
    os.close(3)
    if not told:
        os._exit(0)  # nobody needs it
    directory, *variables = told.split(b"\0")[:-1]
    os.environ.clear()
    for variable in variables:
        name, _, value = variable.partition(b"=")
        os.environ[os.fsdecode(name)] = os.fsdecode(value)
    os.chdir(directory)


if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
    wait_in_reserve()

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != HERE]
places = [TASK_ROOT]
if "POSTERN_OPT" in os.environ:  # layers
    opt = os.path.join(os.environ["POSTERN_OPT"], "python")
    version = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    places += [os.path.join(opt, "lib", version, "site-packages"), opt]
for extra in reversed([*places, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]):
    if extra and extra not in sys.path:
        sys.path.insert(0, extra)

current = None  # the request id under way
builtins.exit, builtins.quit = Quitter("exit", ""), Quitter("quit", "")  # site's, which -S leaves out

resolve = socket.getaddrinfo


def resolve_localhost(host, *args, **kwargs):
    """Names below localhost are this machine (RFC 6761, 6.3), which not every resolver knows: events tell
    functions to call back at {api}.execute-api.localhost."""
    if isinstance(host, str) and host.lower().endswith(".localhost"):
        host = "127.0.0.1"
    return resolve(host, *args, **kwargs)


if os.environ["AWS_LAMBDA_RUNTIME_API"].startswith("127."):  # this is no container
    socket.getaddrinfo = resolve_localhost


class LateSite:
    """Adds this machine's site-packages when an import fails without them."""

    done = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if cls.done or path is not None:
            return None
        cls.done = True
        import site
        site.main()
        return PathFinder.find_spec(name, path, target)


class LogSetup:
    """Gives the root logger Lambda's format as soon as somebody imports logging."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name, path, target)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            set_up_logging(module)

        spec.loader.exec_module = exec_module
        return spec


STRUCTURED = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
LEVELS = {"TRACE": 5, "WARN": 30, "FATAL": 50}  # that logging calls otherwise
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def set_up_records(logging):
    """With the log format JSON a record is an object (Lambda Developer Guide, "Using Lambda advanced logging controls
    with Python")."""
    plain = set(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "exc_text", "taskName"}

    class Handler(logging.Handler):
        def emit(self, record):
            line = {
                "timestamp": time.strftime(MOMENT, time.gmtime(record.created)), "level": record.levelname,
                "message": record.getMessage(), "logger": record.name,
            }
            if record.exc_info and record.exc_info[0]:
                kind, error, trace = record.exc_info
                import traceback
                line["stackTrace"] = traceback.format_list(traceback.extract_tb(trace))
                line["errorType"], line["errorMessage"] = kind.__name__, str(error)
                line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
            if current:
                line["requestId"] = current
            line.update((key, value) for key, value in vars(record).items() if key not in plain)
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")

    logging.root.addHandler(Handler())
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    logging.root.setLevel(LEVELS.get(level, level or "INFO"))


def set_up_logging(logging):
    if STRUCTURED:
        set_up_records(logging)
        return

    class Formatter(logging.Formatter):
        def format(self, record):
            record.aws_request_id = current or ""
            return super().format(record)

    formatter = Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime

    class Handler(logging.Handler):
        def emit(self, record):
            # A carriage return keeps a message of several lines one log event.
            sys.stdout.write(self.format(record).replace("\n", "\r") + "\n")

    handler = Handler()
    handler.setFormatter(formatter)
    logging.root.addHandler(handler)


sys.meta_path.append(LateSite)
sys.meta_path.insert(0, LogSetup)


class Connection:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = address
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.next = self.request("GET", "/invocation/next")

    def request(self, method, path, body=b"", headers=""):
        return (f"{method} /2018-06-01/runtime{path} HTTP/1.1\r\nHost: {self.address}\r\n{headers}"
                f"Content-Length: {len(body)}\r\n\r\n").encode("latin-1") + body

    def call(self, method, path, body=b"", headers=""):
        self.socket.sendall(self.request(method, path, body, headers))
        return self.answer()

    def ask(self, before=b""):
        """Asks for the next event; what goes before it is in the same write, which spares a round trip."""
        self.socket.sendall(before + self.next)

    def answer(self):
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            self.receive()
        lines = self.buffer[:end].decode("utf-8", "replace").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        total = end + 4 + int(headers.get("content-length", "0"))
        while len(self.buffer) < total:
            self.receive()
        body, self.buffer = self.buffer[end + 4:total], self.buffer[total:]
        return headers, body

    def receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            os._exit(0)  # the sandbox is being ended
        self.buffer += data


class Identity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, values):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, values.get(name))


class ClientContext:
    def __init__(self, values):
        self.custom, self.env, self.client = values.get("custom"), values.get("env"), Client(values.get("client") or {})


class LambdaContext:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = Identity(json.loads(headers.get("lambda-runtime-cognito-identity") or "{}"))
        self._deadline = int(headers.get("lambda-runtime-deadline-ms") or 0)

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class HandlerError(Exception):
    """A handler that cannot be loaded."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind, self.trace = kind, list(trace)


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise HandlerError("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise HandlerError("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        import importlib
        module = importlib.import_module(module_name)
    except ImportError as e:
        raise HandlerError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {e}")
    except SyntaxError as e:
        trace = [f'  File "{e.filename}" Line {e.lineno}\n    {e.text}']
        raise HandlerError("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {e}", trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise HandlerError("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")


def frames(error):
    import traceback
    own = os.path.abspath(__file__)
    # Tuples, as AWS's client makes them, print without carets under the column.
    kept = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)
            if f.filename != own and not f.filename.startswith("<frozen importlib")]
    return traceback.format_list(kept)


def report(connection, path, error, request_id):
    """Logs an error as AWS's client does and reports it."""
    if isinstance(error, HandlerError):
        kind, trace = error.kind, error.trace
    else:
        kind, trace = type(error).__name__, frames(error)
    if STRUCTURED:
        log_record(error, kind, trace, request_id)
    else:
        log_text(error, kind, trace)
    body = json.dumps({"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}).encode()
    connection.call("POST", path, body, f"Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {header_kind(kind)}\r\n")


def log_record(error, kind, trace, request_id):
    line = {
        "timestamp": time.strftime(MOMENT, time.gmtime()), "log_level": "ERROR", "errorMessage": str(error), "errorType": kind,
        "requestId": request_id, "stackTrace": trace,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def log_text(error, kind, trace):
    lines = [f"[ERROR] {kind}: {error}" if str(error) else f"[ERROR] {kind}", "Traceback (most recent call last):"]
    for line in "".join(trace).splitlines():
        text = line.lstrip(" ")  # AWS indents with no-break spaces, so that they are kept
        lines.append("\u00a0" * (len(line) - len(text)) + text)
    # A carriage return is a line end within one log event.
    sys.stdout.write("\r".join(lines).replace("\n", "\r") + "\n")
    sys.stdout.flush()


def header_kind(kind):
    return kind if "." in kind else "Function." + kind


def as_number(value):
    """Decimals, which DynamoDB's library returns, become numbers."""
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def main():
    global current
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except BaseException as e:
        report(connection, "/init/error", e, "")
        sys.exit(1)
    connection.ask()
    while True:
        headers, body = connection.answer()
        current = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        try:
            try:
                event = json.loads(body)
            except ValueError as e:
                raise HandlerError("Runtime.UnmarshalError", f"Unable to unmarshal input: {e}")
            result = handler(event, LambdaContext(headers))
            try:
                answer = json.dumps(result, ensure_ascii=False, default=as_number).encode("utf-8", "surrogatepass")
            except (TypeError, ValueError) as e:
                raise HandlerError("Runtime.MarshalError", f"Unable to marshal response: {e}")
        except Exception as e:
            report(connection, f"/invocation/{current}/error", e, current)
            connection.ask()
        else:
            sys.stdout.flush()
            connection.ask(connection.request("POST", f"/invocation/{current}/response", answer, "Content-Type: application/json\r\n"))
            connection.answer()
        current = None


main()
