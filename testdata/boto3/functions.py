"""The life of a Lambda function through boto3, with its waiters: code, versions, aliases, layers, permissions,
concurrency, a URL, a VPC, all kinds of invocations.

usage: functions.py ENDPOINT RUNTIME
"""
import base64
import io
import json
import sys
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, RUNTIME = sys.argv[1:]
REGION = "eu-central-1"


def client(service):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
                        config=Config(retries={"max_attempts": 0}, read_timeout=60))


fn, logs = client("lambda"), client("logs")


def package(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as z:
        for name, text in files.items():
            z.writestr(name.replace("__", "/") + ".py", text)
    return buffer.getvalue()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(f"{code} was expected")


def wait(name, **arguments):
    fn.get_waiter(name).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **arguments)


def answer(name="life", payload=None, **arguments):
    out = fn.invoke(FunctionName=name, Payload=json.dumps(payload or {}), **arguments)
    assert "FunctionError" not in out, out["Payload"].read()
    return json.loads(out["Payload"].read() or "null")


def created():
    out = fn.create_function(
        FunctionName="life", Runtime=RUNTIME, Role="arn:aws:iam::000000000000:role/any", Handler="app.handler", Timeout=20,
        Code={"ZipFile": package(app="def handler(event, context):\n    return ['one', event, context.function_version]\n")},
        Environment={"Variables": {"COLOUR": "green"}}, Tags={"team": "a"},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    assert out["State"] == "Pending" and out["VpcConfig"]["VpcId"].startswith("vpc-"), out
    wait("function_exists", FunctionName="life")
    wait("function_active", FunctionName="life")
    wait("function_active_v2", FunctionName="life")
    assert answer(payload={"a": "é"}) == ["one", {"a": "é"}, "$LATEST"]
    refused("ResourceConflictException", fn.create_function, FunctionName="life", Runtime=RUNTIME, Role="arn:aws:iam::000000000000:role/any", Handler="app.handler",
            Code={"ZipFile": package(app="")})
    return out["FunctionArn"]


def updated():
    before = fn.get_function_configuration(FunctionName="life")
    refused("PreconditionFailedException", fn.update_function_code, FunctionName="life", ZipFile=package(app=""), RevisionId="00000000-0000-4000-8000-000000000000")
    fn.update_function_code(
        FunctionName="life", RevisionId=before["RevisionId"],
        ZipFile=package(app="import os\nimport shared\ndef handler(event, context):\n    return [shared.NAME, os.environ['COLOUR'], context.memory_limit_in_mb]\n"))
    wait("function_updated", FunctionName="life")
    wait("function_updated_v2", FunctionName="life")
    layer = fn.publish_layer_version(LayerName="shared", Content={"ZipFile": package(python__shared="NAME = 'of the layer'\n")}, CompatibleRuntimes=[RUNTIME])
    fn.update_function_configuration(FunctionName="life", Layers=[layer["LayerVersionArn"]], MemorySize=256, Environment={"Variables": {"COLOUR": "red"}},
                                     VpcConfig={"SubnetIds": [], "SecurityGroupIds": []})
    wait("function_updated_v2", FunctionName="life")
    name, colour, memory = answer()
    assert (name, colour, int(memory)) == ("of the layer", "red", 256), (name, colour, memory)
    assert fn.get_function_configuration(FunctionName="life")["VpcConfig"]["SubnetIds"] == []


def versions():
    first = fn.publish_version(FunctionName="life", Description="first")
    wait("published_version_active", FunctionName="life", Qualifier=first["Version"])
    assert fn.publish_version(FunctionName="life")["Version"] == first["Version"], "nothing has changed"
    fn.update_function_code(FunctionName="life", ZipFile=package(app="def handler(event, context):\n    return context.function_version\n"), Publish=True)
    wait("function_updated_v2", FunctionName="life")
    fn.create_alias(FunctionName="life", Name="live", FunctionVersion="1")
    assert answer(Qualifier="live")[0] == "of the layer"
    fn.update_alias(FunctionName="life", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    out = fn.invoke(FunctionName="life", Qualifier="live")
    assert out["ExecutedVersion"] == "2" and json.loads(out["Payload"].read()) == "2", out
    assert [v["Version"] for v in fn.list_versions_by_function(FunctionName="life")["Versions"]] == ["$LATEST", "1", "2"]
    refused("ResourceConflictException", fn.delete_function, FunctionName="life", Qualifier="1")
    fn.delete_alias(FunctionName="life", Name="live")


def allowed(arn):
    fn.add_permission(FunctionName="life", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b")
    policy = json.loads(fn.get_policy(FunctionName="life")["Policy"])
    assert policy["Statement"][0]["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}, policy
    refused("ResourceConflictException", fn.add_permission, FunctionName="life", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    fn.remove_permission(FunctionName="life", StatementId="s")
    refused("ResourceNotFoundException", fn.get_policy, FunctionName="life")
    assert fn.list_tags(Resource=arn)["Tags"] == {"team": "a"}


def concurrency():
    fn.put_function_concurrency(FunctionName="life", ReservedConcurrentExecutions=0)
    assert "Rate Exceeded" in refused("TooManyRequestsException", fn.invoke, FunctionName="life")
    fn.delete_function_concurrency(FunctionName="life")
    fn.put_provisioned_concurrency_config(FunctionName="life", Qualifier="2", ProvisionedConcurrentExecutions=1)
    for _ in range(100):
        status = fn.get_provisioned_concurrency_config(FunctionName="life", Qualifier="2")["Status"]
        if status == "READY":
            break
        time.sleep(0.1)
    assert status == "READY", status
    assert answer(Qualifier="2") == "2"
    fn.delete_provisioned_concurrency_config(FunctionName="life", Qualifier="2")


def invoked():
    assert fn.invoke(FunctionName="life", InvocationType="DryRun")["StatusCode"] == 204
    assert fn.invoke(FunctionName="life", InvocationType="Event", Payload="{}")["StatusCode"] == 202
    tail = base64.b64decode(fn.invoke(FunctionName="life", LogType="Tail")["LogResult"]).decode()
    assert tail.startswith("START RequestId: ") and "\tMax Memory Used: " in tail, tail
    events = fn.invoke_with_response_stream(FunctionName="life")["EventStream"]
    assert b"".join(e["PayloadChunk"]["Payload"] for e in events if "PayloadChunk" in e) == b'"$LATEST"'
    url = fn.create_function_url_config(FunctionName="life", AuthType="NONE")["FunctionUrl"]
    host = url.split("/")[2]
    port = ENDPOINT.rsplit(":", 1)[1]
    request = urllib.request.Request(ENDPOINT + "/", headers={"Host": host if ":" in host else f"{host}:{port}"})
    refused_status = None
    try:
        urllib.request.urlopen(request)
    except urllib.error.HTTPError as e:
        refused_status = e.code
    assert refused_status == 403, "a URL needs a permission"
    for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
        fn.add_permission(FunctionName="life", StatementId=action.split(":")[1], Action=action, Principal="*",
                          **({"FunctionUrlAuthType": "NONE"} if action.endswith("Url") else {"InvokedViaFunctionUrl": True}))
    assert urllib.request.urlopen(request).read() == b"$LATEST"
    for _ in range(100):
        lines = [e["message"] for e in logs.filter_log_events(logGroupName="/aws/lambda/life")["events"]]
        if sum(line.startswith("REPORT ") for line in lines) >= 5:
            return
        time.sleep(0.1)
    raise AssertionError(lines)


def deleted():
    fn.delete_function(FunctionName="life")
    refused("ResourceNotFoundException", fn.get_function, FunctionName="life")
    refused("ResourceNotFoundException", fn.invoke, FunctionName="life")
    assert fn.list_functions()["Functions"] == []


arn = created()
updated()
versions()
allowed(arn)
concurrency()
invoked()
deleted()
