"""Runs inside a sandbox: loads a handler and serves it through the AWS Lambda Runtime API, one event at a time, or in as
many threads as it is told.

Standard library only, Python 3.7 or newer.
"""
import http.client
import importlib
import json
import os
import socket
import sys
import threading
import time
import traceback
import urllib.parse

if os.environ.get("SPOOL_TEMPLATE"):
    import template

    template.become()

RUNTIME = "/2018-06-01/runtime"
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
TOKEN = os.environ.pop("SPOOL_INSTANCE_TOKEN", "")
SOCKET = os.environ.get("SPOOL_RUNTIME_SOCKET")
HANDLER = os.environ["_HANDLER"]
ROOT = os.environ["LAMBDA_TASK_ROOT"]
WORK_DIR = os.environ.get("SPOOL_WORK_DIR", ".")
CONCURRENCY = int(os.environ.get("AWS_LAMBDA_MAX_CONCURRENCY", "1"))


class HandlerError(Exception):
    """A problem with the function's package; its name is what a workflow catches."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


class SocketConnection(http.client.HTTPConnection):
    """HTTP through a socket file."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(SOCKET)


class Connection:
    """One kept-alive connection, opened again when it was lost."""

    def __init__(self):
        self.http = (SocketConnection if SOCKET else http.client.HTTPConnection)(API)

    def call(self, method, path, text=None):
        headers = {"spool-instance-token": TOKEN, "content-type": "application/json"}
        body = None if text is None else text.encode("utf-8")
        try:
            self.http.request(method, path, body, headers)
            response = self.http.getresponse()
            return response.status, response.headers, response.read()
        except (http.client.HTTPException, OSError):
            self.http.close()
            raise


class Files(dict):
    """Paths by name: context.inputs.video and context.inputs["video"]."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Context:
    def __init__(self, headers, reports):
        files = json.loads(urllib.parse.unquote(headers.get("spool-files", "%7B%7D")))
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", self.aws_request_id)
        self.inputs = Files(files.get("inputs", {}))
        self.outputs = Files(files.get("outputs", {}))
        self.work_dir = WORK_DIR
        client = headers.get("lambda-runtime-client-context")
        self.client_context = json.loads(client) if client else None
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])
        self._reports = reports

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def progress(self, report=None, **named):
        """Tells how far the work is: percent, message, speed, etaSeconds. What is lost on the way does not matter to the work."""
        body = {**(report or {}), **{name: value for name, value in named.items() if value is not None}}
        for name, most in (("percent", 100), ("speed", 1e6), ("etaSeconds", 1e8)):
            if isinstance(body.get(name), (int, float)):
                body[name] = min(most, max(0, body[name]))
        if "message" in body:
            body["message"] = str(body["message"])[:500]
        try:
            self._reports.call("POST", "/spool/2024-01/invocation/%s/progress" % self.aws_request_id, json.dumps(body))
        except (http.client.HTTPException, OSError, TypeError, ValueError):
            pass


class Surroundings:
    """The variables that are an invocation's own, and the working directory."""

    def __init__(self):
        self.names = set()

    def enter(self, headers):
        for name in self.names:
            os.environ.pop(name, None)
        own = json.loads(urllib.parse.unquote(headers.get("spool-variables", "%7B%7D")))
        os.environ.update(own)
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        self.names = set(own)
        os.chdir(WORK_DIR)


def describe(error):
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    trace = [line for part in lines for line in part.rstrip().split("\n")]
    name = error.name if isinstance(error, HandlerError) else type(error).__name__
    return json.dumps({"errorMessage": str(error), "errorType": name, "stackTrace": trace})


def load_handler():
    """`src/app.handler` is the function `handler` of `src/app.py`."""
    module_name, dot, function_name = HANDLER.rpartition(".")
    if not dot or not module_name or not function_name:
        raise HandlerError("Runtime.MalformedHandlerName", 'The handler "%s" is not "file.function"' % HANDLER)
    sys.path.insert(0, ROOT)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ModuleNotFoundError as error:
        raise HandlerError("Runtime.ImportModuleError", 'The handler "%s" cannot be loaded: %s' % (HANDLER, error)) from error
    handler = getattr(module, function_name, None)
    if not callable(handler):
        raise HandlerError("Runtime.HandlerNotFound", "%s has no function %s" % (module_name, function_name))
    return handler


def answer(handler, event, context):
    try:
        result = handler(event, context)
    except Exception as error:
        return "error", describe(error)
    try:
        return "response", json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        return "error", json.dumps({"errorMessage": str(error), "errorType": "Function.InvalidResponse", "stackTrace": []})


class Tagged:
    """Says on each line whose call it is, where several are served: see src/runtimes/instance-lines.ts."""

    MARK = "\x1e"
    MAX_LINE = 4000

    def __init__(self, stream):
        self._stream = stream
        self._own = threading.local()

    def begin(self, request_id):
        self._own.id, self._own.rest = request_id, ""

    def end(self):
        if self._own.rest:
            self.write("\n")
        self._own.id = None

    def write(self, text):
        request_id = getattr(self._own, "id", None)
        if request_id is None:
            return self._stream.write(text)
        *lines, self._own.rest = (self._own.rest + text).split("\n")
        tag = self.MARK + request_id + self.MARK
        size = self.MAX_LINE
        parts = [line[at : at + size] for line in lines for at in range(0, max(len(line), 1), size)]
        if parts:
            self._stream.write("".join(tag + part + "\n" for part in parts))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def serve(handler, surroundings=None):
    runtime, reports = Connection(), Connection()
    while True:
        status, headers, body = runtime.call("GET", RUNTIME + "/invocation/next")
        if status != 200:
            return
        request_id = headers["lambda-runtime-aws-request-id"]
        if surroundings:
            surroundings.enter(headers)
        else:
            for stream in (sys.stdout, sys.stderr):
                stream.begin(request_id)
        kind, text = answer(handler, json.loads(body), Context(headers, reports))
        if not surroundings:
            for stream in (sys.stdout, sys.stderr):
                stream.end()
        sys.stdout.flush()
        sys.stderr.flush()
        runtime.call("POST", "%s/invocation/%s/%s" % (RUNTIME, request_id, kind), text)


def serve_in_thread(handler):
    try:
        serve(handler)
    except SystemExit as error:  # It would end only the thread, and the call would wait for its timeout.
        os._exit(error.code if isinstance(error.code, int) else 0 if error.code is None else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main():
    if CONCURRENCY > 1:
        sys.stdout, sys.stderr = Tagged(sys.stdout), Tagged(sys.stderr)
    try:
        handler = load_handler()
    except BaseException as error:  # A package may call sys.exit() when it is imported.
        Connection().call("POST", RUNTIME + "/init/error", describe(error))
        sys.exit(1)
    if CONCURRENCY == 1:
        return serve(handler, Surroundings())
    os.chdir(WORK_DIR)
    threads = [threading.Thread(target=serve_in_thread, args=(handler,), daemon=True) for _ in range(CONCURRENCY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
