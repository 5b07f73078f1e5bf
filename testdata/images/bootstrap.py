"""The runtime of the Python test image: the Runtime API's loop and nothing more."""
import http.client
import importlib
import json
import os
import sys
import traceback

BASE = "/2018-06-01/runtime/"
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def post(path, value):
    api.request("POST", BASE + path, json.dumps(value), {"Content-Type": "application/json"})
    api.getresponse().read()


def failure(error):
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])


def load(name):
    sys.path[0:0] = [os.environ["LAMBDA_TASK_ROOT"], "/opt/python"]
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def main():
    try:
        handler = load(sys.argv[1])
    except Exception as error:
        post("init/error", failure(error))
        sys.exit(1)
    while True:
        api.request("GET", BASE + "invocation/next")
        response = api.getresponse()
        event = json.loads(response.read())
        context = Context(response.headers)
        path = "invocation/" + context.aws_request_id
        try:
            result = handler(event, context)
        except Exception as error:
            post(path + "/error", failure(error))
        else:
            post(path + "/response", result)


main()
