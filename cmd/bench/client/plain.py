"""The runtime client that one writes with Python's own http.client: the baseline of G6."""
import http.client
import json
import os
import sys

sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
import index

connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def call(method, path, body=None):
    connection.request(method, "/2018-06-01/runtime" + path, body)
    response = connection.getresponse()
    return response.headers, response.read()


while True:
    headers, body = call("GET", "/invocation/next")
    answer = json.dumps(index.handler(json.loads(body), None)).encode()
    call("POST", f"/invocation/{headers['lambda-runtime-aws-request-id']}/response", answer)
