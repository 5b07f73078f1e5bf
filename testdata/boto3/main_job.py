"""The main job through boto3: functions in three languages behind one REST API.

usage: main_job.py ENDPOINT
"""
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def client(service, key="test"):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name="eu-central-1", aws_access_key_id=key,
        aws_secret_access_key="test", config=Config(retries={"max_attempts": 0}))


def package(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o100755 << 16
            z.writestr(info, data)
    return buffer.getvalue()


def read(path):
    with open(os.path.join(ROOT, path), "rb") as f:
        return f.read()


def go_bootstrap():
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["go", "build", "-o", f"{out}/bootstrap", "./examples/hello/go"], cwd=ROOT, check=True,
                       env={**os.environ, "CGO_ENABLED": "0"})
        with open(f"{out}/bootstrap", "rb") as f:
            return f.read()


def fetch(path, method="GET", body=None, headers=None):
    request = urllib.request.Request(ENDPOINT + path, method=method, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as e:
        return e.code, dict(e.headers), e.read()


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


def expect_error(what, code, call):
    try:
        call()
    except ClientError as e:
        expect(what, e.response["Error"]["Code"], code)
        return e.response["Error"]["Message"]
    sys.exit(f"{what}: no error, want {code}")


gateway, functions, logs = client("apigateway"), client("lambda"), client("logs")
account = client("sts").get_caller_identity()["Account"]
expect("account", account, "000000000000")
expect("account of a 12-digit key", client("sts", "123456789012").get_caller_identity()["Account"], "123456789012")

iam = client("iam")
role = iam.create_role(RoleName="main-job", AssumeRolePolicyDocument=json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
iam.attach_role_policy(RoleName="main-job", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")

arns = {}
for name, runtime, handler, files in [
        ("go", "provided.al2023", "bootstrap", {"bootstrap": go_bootstrap()}),
        ("python", "python3.12", "handler.handle", {"handler.py": read("examples/hello/python/handler.py")}),
        ("node", "nodejs22.x", "index.handle", {"index.mjs": read("examples/hello/node/index.mjs")})]:
    created = functions.create_function(
        FunctionName=name, Runtime=runtime, Handler=handler, Role=role, Code={"ZipFile": package(files)}, Timeout=20)
    expect(f"state of {name}", created["State"], "Pending")
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    arns[name] = created["FunctionArn"]

# Invoke, with the log.
answer = functions.invoke(FunctionName="python", LogType="Tail", Payload=json.dumps({"path": "/direct"}))
expect("invoke", json.loads(json.load(answer["Payload"])["body"])["path"], "/direct")
import base64
tail = base64.b64decode(answer["LogResult"]).decode()
for part in ("START RequestId: ", "greeting world", "END RequestId: ", "REPORT RequestId: "):
    expect(f"{part!r} in the log", part in tail, True)

# A REST API with each of them.
api = gateway.create_rest_api(name="main-job", endpointConfiguration={"types": ["REGIONAL"]})
root = next(r["id"] for r in gateway.get_resources(restApiId=api["id"])["items"] if r["path"] == "/")
for name, arn in arns.items():
    resource = gateway.create_resource(restApiId=api["id"], parentId=root, pathPart=name)["id"]
    at = dict(restApiId=api["id"], resourceId=resource, httpMethod="GET")
    gateway.put_method(authorizationType="NONE", **at)
    gateway.put_integration(
        type="AWS_PROXY", integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{arn}/invocations", **at)
expect_error("resource twice", "ConflictException",
             lambda: gateway.create_resource(restApiId=api["id"], parentId=root, pathPart="go"))
expect_error("no such API", "NotFoundException", lambda: gateway.get_rest_api(restApiId="nosuchapi0"))
gateway.create_deployment(restApiId=api["id"], stageName="dev")

# Without permission the call is refused as on AWS, with it every URL form answers.
status, headers, body = fetch(f"/_aws/execute-api/{api['id']}/dev/python")
expect("without permission", (status, body), (500, b'{"message": "Internal server error"}'))
for name, arn in arns.items():
    functions.add_permission(
        FunctionName=name, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:eu-central-1:{account}:{api['id']}/*/GET/{name}")
for name in arns:
    for path in (f"/_aws/execute-api/{api['id']}/dev/{name}", f"/restapis/{api['id'].upper()}/dev/_user_request_/{name}"):
        status, headers, body = fetch(path + "?name=boto")
        expect(path, (status, json.loads(body)["message"]), (200, "Hello, boto!"))
status, _, body = fetch(f"/dev/go", headers={"Host": f"{api['id']}.execute-api.eu-central-1.amazonaws.com"})
expect("host form", (status, json.loads(body)["from"]), (200, "Go"))
status, headers, body = fetch(f"/_aws/execute-api/{api['id']}/dev/nosuch")
expect("no such path", (status, body), (403, b'{"message":"Missing Authentication Token"}'))
expect("its type", headers["x-amzn-ErrorType"], "MissingAuthenticationTokenException")

# A deployment is frozen.
resource = gateway.create_resource(restApiId=api["id"], parentId=root, pathPart="late")["id"]
at = dict(restApiId=api["id"], resourceId=resource, httpMethod="GET")
gateway.put_method(authorizationType="NONE", **at)
gateway.put_integration(type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}, **at)
gateway.put_method_response(statusCode="200", **at)
gateway.put_integration_response(statusCode="200", responseTemplates={"application/json": '{"stage":"$context.stage"}'}, **at)
expect("before the deployment", fetch(f"/_aws/execute-api/{api['id']}/dev/late")[0], 403)
gateway.create_deployment(restApiId=api["id"], stageName="dev")
expect("after it", fetch(f"/_aws/execute-api/{api['id']}/dev/late")[2], b'{"stage":"dev"}')

# Updating code is live at once.
functions.update_function_code(FunctionName="python", ZipFile=package(
    {"handler.py": b"def handle(event, context):\n    return {'statusCode': 418, 'body': 'short and stout'}\n"}))
functions.get_waiter("function_updated_v2").wait(FunctionName="python", WaiterConfig={"Delay": 0.1})
status, _, body = fetch(f"/_aws/execute-api/{api['id']}/dev/python")
expect("after the update", (status, body), (418, b"short and stout"))

# What functions print is in CloudWatch Logs.
deadline = time.time() + 20
while True:
    messages = [e["message"] for e in logs.filter_log_events(logGroupName="/aws/lambda/node")["events"]]
    if any("greeting boto" in m for m in messages):
        break
    if time.time() > deadline:
        sys.exit(f"not logged: {messages}")
    time.sleep(0.2)

# And everything goes again.
gateway.delete_rest_api(restApiId=api["id"])
for name in arns:
    functions.delete_function(FunctionName=name)
expect_error("deleted function", "ResourceNotFoundException", lambda: functions.get_function(FunctionName="go"))
print("ok")
