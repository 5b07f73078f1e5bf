"""The life of a REST API through boto3, as a project has it: from an OpenAPI document to nothing left.

usage: rest_api.py ENDPOINT
"""
import datetime
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

ENDPOINT = sys.argv[1]
REGION, ACCOUNT = "eu-central-1", "000000000000"


def client(service):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id="test",
                        aws_secret_access_key="test", config=Config(retries={"max_attempts": 0}))


gateway, functions, logs, acm = client("apigateway"), client("lambda"), client("logs"), client("acm")


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


def expect_error(what, code, message, call):
    try:
        call()
    except ClientError as e:
        return expect(what, (e.response["Error"]["Code"], e.response["Error"]["Message"]), (code, message))
    sys.exit(f"{what}: no error, want {code}")


def eventually(what, probe, done):
    deadline = time.time() + 20
    while not done(last := probe()):
        if time.time() > deadline:
            sys.exit(f"{what}: {last!r}")
        time.sleep(0.05)
    return last


def fetch(path, method="GET", body=None, base=None, **headers):
    """Calls a path of the deployed API; returns status, headers and body as text."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request((base or f"{ENDPOINT}/_aws/execute-api/{api}/prod") + path, method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read().decode()


def answers(what, want, *args, **kwargs):
    status, headers, body = fetch(*args, **kwargs)
    expect(what, (status, body), want)
    return headers


def patch(*operations):
    return [dict(zip(("op", "path", "value"), o)) for o in operations]


def create_function(name, source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as z:
        z.writestr("handler.py", source)
    created = functions.create_function(
        FunctionName=name, Runtime="python3.12", Handler="handler.handle", Timeout=20,
        Role=f"arn:aws:iam::{ACCOUNT}:role/service", Code={"ZipFile": buffer.getvalue()})
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.1})
    return created["FunctionArn"]


def invocation(arn):
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


# The functions: who may come in, and what they get.
doorman = create_function("doorman", """
def handle(event, context):
    token = event["authorizationToken"]
    if token == "Bearer unknown":
        raise Exception("Unauthorized")
    if token == "Bearer broken":
        return {"principalId": "x"}
    effect = "Deny" if token == "Bearer denied" else "Allow"
    print("asked for", token)
    return {
        "principalId": token.split()[1],
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"].split("/")[0] + "/*"}]},
        "context": {"tier": 7, "admin": True}}
""")
orders = create_function("orders", """
import json
def handle(event, context):
    authorizer = event["requestContext"]["authorizer"]
    return {"statusCode": 201, "headers": {"X-Tier": authorizer["tier"]}, "body": json.dumps({
        "by": authorizer["principalId"], "admin": authorizer["admin"], "body": json.loads(event["body"]),
        "key": event["requestContext"]["identity"]["apiKey"], "variables": event["stageVariables"]})}
""")

# The API, all of it in one document.
with_key = {"api_key": []}
mock = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'}, "passthroughBehavior": "when_no_templates"}
document = {
    "openapi": "3.0.1",
    "info": {"title": "shop", "description": "sells things", "version": "2026-11-27"},
    "tags": [{"name": "team", "x-amazon-apigateway-tag-value": "shop"}],
    "servers": [{"url": "https://example.com/{basePath}", "variables": {"basePath": {"default": "prod"}},
                 "x-amazon-apigateway-endpoint-configuration": {"types": ["REGIONAL"]}}],
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-gateway-responses": {
        "BAD_REQUEST_BODY": {"statusCode": 422, "responseParameters": {"gatewayresponse.header.X-Stage": "context.stage"},
                             "responseTemplates": {"application/json": '{"why":"$context.error.validationErrorString"}'}}},
    "paths": {
        "/orders": {"post": {
            "operationId": "placeOrder", "x-amazon-apigateway-request-validator": "all", "security": [{"doorman": []}, with_key],
            "parameters": [{"name": "dry", "in": "query", "required": True, "schema": {"type": "string"}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
            "responses": {"201": {"description": "201 response"}},
            "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": invocation(orders),
                                                "passthroughBehavior": "when_no_match"}}},
        "/time/{zone}": {"get": {
            "parameters": [{"name": "zone", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "200 response", "content": {}}},
            "x-amazon-apigateway-integration": {**mock, "cacheKeyParameters": ["method.request.path.zone"], "responses": {"default": {
                "statusCode": "200", "responseTemplates": {"application/json":
                    '{"zone":"$input.params(\'zone\')","id":"$context.requestId","release":"$stageVariables.release"}'}}}}}},
        "/metered": {"get": {
            "security": [with_key], "responses": {"200": {"description": "200 response", "content": {}}},
            "x-amazon-apigateway-integration": {**mock, "responses": {"default": {
                "statusCode": "200", "responseTemplates": {"application/json": "$context.identity.apiKeyId"}}}}}},
    },
    "components": {
        "schemas": {
            "Item": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}},
            "Order": {"type": "object", "required": ["items"], "properties": {
                "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Item"}}}}},
        "securitySchemes": {
            "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "doorman": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
                        "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": invocation(doorman),
                                                           "authorizerResultTtlInSeconds": 300,
                                                           "identityValidationExpression": "Bearer .*"}}}},
    "x-amazon-apigateway-documentation": {"version": "1", "documentationParts": [
        {"location": {"type": "API"}, "properties": {"description": "a shop"}},
        {"location": {"type": "METHOD", "path": "/orders", "method": "POST"}, "properties": {"summary": "places an order"}}]},
}
imported = gateway.import_rest_api(body=json.dumps(document), failOnWarnings=True)
api = imported["id"]
expect("the API", {k: imported.get(k) for k in ("name", "description", "version", "tags", "apiKeySource", "warnings")}, {
    "name": "shop", "description": "sells things", "version": "2026-11-27", "tags": {"team": "shop"}, "apiKeySource": "HEADER", "warnings": None})
expect("its endpoint", imported["endpointConfiguration"]["types"], ["REGIONAL"])
resources = {r["path"]: r for r in gateway.get_resources(restApiId=api, embed=["methods"])["items"]}
expect("its resources", sorted(resources), ["/", "/metered", "/orders", "/time", "/time/{zone}"])
method = resources["/orders"]["resourceMethods"]["POST"]
authorizer = gateway.get_authorizers(restApiId=api)["items"][0]
expect("its method", (method["authorizationType"], method["authorizerId"], method["apiKeyRequired"], method["operationName"]),
       ("CUSTOM", authorizer["id"], True, "placeOrder"))
expect("its models", sorted(m["name"] for m in gateway.get_models(restApiId=api)["items"]), ["Item", "Order"])
expect("a reference", json.loads(gateway.get_model(restApiId=api, modelName="Order", flatten=True)["schema"])["definitions"]["Item"]["required"], ["sku"])
expect("its documentation", [p["location"]["type"] for p in gateway.get_documentation_parts(restApiId=api)["items"]], ["API", "METHOD"])
expect_error("what is no document", "BadRequestException", "Invalid OpenAPI input. Line 1: no document", lambda: gateway.import_rest_api(body=b""))

# Deployed to a stage with variables; functions have to be told who may call them.
first = gateway.create_deployment(restApiId=api, stageName="prod", variables={"release": "one"})["id"]
stage_arn = f"arn:aws:apigateway:{REGION}::/restapis/{api}/stages/prod"
execute_arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}"
order = {"items": [{"sku": "a-1"}]}
key = gateway.create_api_key(name="customer", enabled=True, value="a-customer-with-a-long-key", tags={"team": "shop"})
expect("the key", key["value"], "a-customer-with-a-long-key")
expect_error("a key twice", "ConflictException", "API Key already exists",
             lambda: gateway.create_api_key(name="again", enabled=True, value="a-customer-with-a-long-key"))


def place(token="Bearer alice", body=order, query="?dry=1", key="a-customer-with-a-long-key"):
    headers = {k: v for k, v in {"Authorization": token, "x_api_key": key}.items() if v}
    return fetch("/orders" + query, "POST", body, **headers)


def placed(what, want, **kwargs):
    status, headers, body = place(**kwargs)
    expect(what, (status, headers.get("x-amzn-ErrorType"), body), want)
    return headers


failure = (500, "AuthorizerConfigurationException", '{"message":null}')
placed("without permission", failure)
functions.add_permission(FunctionName="doorman", StatementId="api", Action="lambda:InvokeFunction",
                         Principal="apigateway.amazonaws.com", SourceArn=f"{execute_arn}/authorizers/{authorizer['id']}")
functions.add_permission(FunctionName="orders", StatementId="api", Action="lambda:InvokeFunction",
                         Principal="apigateway.amazonaws.com", SourceArn=f"{execute_arn}/*/POST/orders")
unauthorized = (401, "UnauthorizedException", '{"message":"Unauthorized"}')
placed("no token", unauthorized, token=None)
placed("not what the pattern wants", unauthorized, token="Basic x")
placed("unknown to the authorizer", unauthorized, token="Bearer unknown")
placed("an authorizer without a policy", failure, token="Bearer broken")
placed("denied", (403, "AccessDeniedException",
                  '{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}'), token="Bearer denied")
forbidden = (403, "ForbiddenException", '{"message":"Forbidden"}')
placed("a key without a plan", forbidden)

# A plan: five requests a day, of which one in a quarter of an hour at /metered.
plan = gateway.create_usage_plan(
    name="basic", quota={"limit": 5, "period": "DAY"}, throttle={"rateLimit": 1000, "burstLimit": 500},
    apiStages=[{"apiId": api, "stage": "prod", "throttle": {"/metered/GET": {"rateLimit": 0.001, "burstLimit": 1}}}])["id"]
gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
expect_error("a key twice in a plan", "ConflictException", f"API Key {key['id']} is already associated with Usage Plan {plan}",
             lambda: gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY"))
placed("no key", forbidden, key=None)
placed("an unknown key", forbidden, key="unknown")

status, headers, body = place()
expect("an order", (status, headers["X-Tier"], json.loads(body)), (201, "7", {
    "by": "alice", "admin": "true", "body": order, "key": key["value"], "variables": {"release": "one"}}))
headers = placed("a body that the model refuses", (422, "BadRequestException", '{"why":"[object has missing required properties (["items"])]"}'), body={})
expect("the header of the gateway response", headers["X-Stage"], "prod")
placed("a parameter is missing", (400, "BadRequestException", '{"message": "Missing required request parameters: [dry]"}'), query="")

answers("metered", (200, key["id"]), "/metered", x_api_key=key["value"])
headers = answers("metered again", (429, '{"message":"Too Many Requests"}'), "/metered", x_api_key=key["value"])
expect("too many", headers["x-amzn-ErrorType"], "TooManyRequestsException")
expect("the last of the quota", place()[0], 201)
placed("no quota left", (429, "LimitExceededException", '{"message":"Limit Exceeded"}'))
today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
usage = lambda: gateway.get_usage(usagePlanId=plan, startDate=today, endDate=today)["items"]
expect("usage", usage(), {key["id"]: [[5, 0]]})
gateway.update_usage(usagePlanId=plan, keyId=key["id"], patchOperations=patch(("replace", "/remaining", "10")))
expect("more quota", place()[0], 201)
expect("usage after that", usage(), {key["id"]: [[6, 9]]})

# The authorizer is asked once for a token, until its answers are flushed.
asked = lambda: sum("asked for Bearer alice" in e["message"] for e in logs.filter_log_events(logGroupName="/aws/lambda/doorman")["events"])
eventually("asked once", asked, lambda n: n == 1)
gateway.flush_stage_authorizers_cache(restApiId=api, stageName="prod")
expect("after a flush", place()[0], 201)
eventually("asked twice", asked, lambda n: n == 2)

# Answers are kept, by zone.
stage = gateway.update_stage(restApiId=api, stageName="prod", patchOperations=patch(
    ("replace", "/cacheClusterEnabled", "true"), ("replace", "/cacheClusterSize", "0.5"),
    ("replace", "/~1time~1{zone}/GET/caching/enabled", "true"), ("replace", "/~1time~1{zone}/GET/caching/ttlInSeconds", "3600")))
expect("the cache", (stage["cacheClusterStatus"], stage["cacheClusterSize"]), ("AVAILABLE", "0.5"))
expect("its settings", stage["methodSettings"]["~1time~1{zone}/GET"]["cacheTtlInSeconds"], 3600)
clock = lambda zone="utc", **headers: json.loads(fetch(f"/time/{zone}", **headers)[2])
kept = clock()
expect("kept", clock(), kept)
expect("of another zone", clock("cet")["zone"], "cet")
gateway.flush_stage_cache(restApiId=api, stageName="prod")
expect("after a flush", clock() != kept, True)

# A canary takes all or nothing, and is promoted.
gateway.update_integration_response(
    restApiId=api, resourceId=resources["/metered"]["id"], httpMethod="GET", statusCode="200",
    patchOperations=patch(("replace", "/responseTemplates/application~1json", "canary $stageVariables.release $context.isCanaryRequest")))
gateway.update_method(restApiId=api, resourceId=resources["/metered"]["id"], httpMethod="GET",
                      patchOperations=patch(("replace", "/apiKeyRequired", "false")))
second = gateway.create_deployment(restApiId=api, stageName="prod", canarySettings={
    "percentTraffic": 100.0, "stageVariableOverrides": {"release": "two"}, "useStageCache": False})["id"]
answers("the canary", (200, "canary two true"), "/metered")
canary = lambda *operations: gateway.update_stage(restApiId=api, stageName="prod", patchOperations=patch(*operations))
canary(("replace", "/canarySettings/percentTraffic", "0"))
answers("not the canary", (403, '{"message":"Forbidden"}'), "/metered")
expect_error("a deployment in use", "BadRequestException", "Active stages pointing to this deployment must be moved or deleted",
             lambda: gateway.delete_deployment(restApiId=api, deploymentId=second))
stage = gateway.update_stage(restApiId=api, stageName="prod", patchOperations=[
    {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
    {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
    {"op": "remove", "path": "/canarySettings"}])
expect("promoted", (stage["deploymentId"], stage["variables"], "canarySettings" in stage), (second, {"release": "two"}, False))
answers("all of it", (200, "canary two false"), "/metered")
expect_error("no canary any more", "BadRequestException", "Promotion not available. Canary does not exist.",
             lambda: gateway.update_stage(restApiId=api, stageName="prod", patchOperations=[
                 {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"}]))
gateway.delete_deployment(restApiId=api, deploymentId=first)

# Logs, once the account says who may write them.
settings = patch(("replace", "/*/*/logging/loglevel", "INFO"), ("replace", "/*/*/logging/dataTrace", "true"))
expect_error("logs without a role", "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging",
             lambda: gateway.update_stage(restApiId=api, stageName="prod", patchOperations=settings))
account = gateway.update_account(patchOperations=patch(("replace", "/cloudwatchRoleArn", f"arn:aws:iam::{ACCOUNT}:role/logs")))
expect("the account", {k: account[k] for k in ("cloudwatchRoleArn", "throttleSettings", "features", "apiKeyVersion")}, {
    "cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT}:role/logs", "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
    "features": ["UsagePlans"], "apiKeyVersion": "4"})
logs.create_log_group(logGroupName="access")
gateway.update_stage(restApiId=api, stageName="prod", patchOperations=settings + patch(
    ("replace", "/accessLogSettings/destinationArn", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access"),
    ("replace", "/accessLogSettings/format", '{"id":"$context.requestId","path":"$context.path","status":$context.status,'
                                             '"who":"$context.authorizer.principalId","no":"$context.nothing"}')))
status, headers, _ = place(token="Bearer bob")
expect("a logged order", status, 201)
request_id = headers["x-amzn-RequestId"]
read = lambda group: [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]
access = eventually("the access log", lambda: read("access"), lambda lines: len(lines) == 1)
expect("its line", json.loads(access[0]), {"id": request_id, "path": "/prod/orders", "status": 201, "who": "bob", "no": "-"})
lines = eventually("the execution log", lambda: [m for m in read(f"API-Gateway-Execution-Logs_{api}/prod") if m.startswith(f"({request_id}) ")],
                   lambda lines: any("Method completed with status: 201" in m for m in lines))
lines = [m.removeprefix(f"({request_id}) ") for m in lines]
at = -1
for want in (f"Extended Request Id: {headers['x-amz-apigw-id']}", f"Starting authorizer: {authorizer['id']} for request: {request_id}",
             "Incoming identity: ****er bob", "Successfully completed authorizer execution",
             f"Verifying Usage Plan for request: {request_id}. API Key: ********************ng-key API Stage: {api}/prod",
             f"Usage Plan check succeeded for API Key ********************ng-key and API Stage {api}/prod",
             f"Starting execution for request: {request_id}", "HTTP Method: POST, Resource Path: /orders",
             "Method request query string: {dry=1}", "Successfully completed execution", "Method completed with status: 201"):
    if want not in lines[at + 1:]:
        sys.exit(f"the execution log lacks {want!r} after line {at}: {json.dumps(lines, indent=1)}")
    at = lines.index(want, at + 1)

# One method, asked before anything is deployed.
tested = gateway.test_invoke_method(restApiId=api, resourceId=resources["/time/{zone}"]["id"], httpMethod="GET",
                                    pathWithQueryString="/time/est", stageVariables={"release": "test"})
expect("a test", (tested["status"], json.loads(tested["body"])["zone"], json.loads(tested["body"])["release"]), (200, "est", "test"))
for part in ("Execution log for request ", " : Starting execution for request: ", " : HTTP Method: GET, Resource Path: /time/est\n",
             " : Method request path: {zone=est}\n", " : Method completed with status: 200\n"):
    expect(f"{part!r} in its log", part in tested["log"], True)
tested = gateway.test_invoke_authorizer(restApiId=api, authorizerId=authorizer["id"], headers={"Authorization": "Bearer carol"})
expect("a test of the authorizer", (tested["clientStatus"], tested["principalId"]), (0, "carol"))

# Tags.
gateway.tag_resource(resourceArn=stage_arn, tags={"env": "prod", "x": "y"})
gateway.untag_resource(resourceArn=stage_arn, tagKeys=["x"])
expect("tags", gateway.get_tags(resourceArn=stage_arn)["tags"], {"env": "prod"})
expect("tags of the stage", gateway.get_stage(restApiId=api, stageName="prod")["tags"], {"env": "prod"})

# A name of its own.
certificate = acm.request_certificate(DomainName="api.shop.test")["CertificateArn"]
acm.get_waiter("certificate_validated").wait(CertificateArn=certificate, WaiterConfig={"Delay": 1})
domain = gateway.create_domain_name(domainName="api.shop.test", regionalCertificateArn=certificate, endpointConfiguration={"types": ["REGIONAL"]})
expect("the domain", (domain["domainNameStatus"], domain["regionalDomainName"].endswith(f".execute-api.{REGION}.amazonaws.com")), ("AVAILABLE", True))
answers("without a mapping", (403, '{"message":"Forbidden"}'), "/v1/metered", base=ENDPOINT, Host="api.shop.test")
gateway.create_base_path_mapping(domainName="api.shop.test", basePath="v1", restApiId=api, stage="prod")
answers("by its name", (200, "canary two false"), "/v1/metered", base=ENDPOINT, Host="api.shop.test")
expect_error("a mapping twice", "ConflictException", "Base path already exists for this domain name",
             lambda: gateway.create_base_path_mapping(domainName="api.shop.test", basePath="v1", restApiId=api, stage="prod"))
expect_error("a certificate in use", "ResourceInUseException", f"Certificate {certificate} in account {ACCOUNT} is in use.",
             lambda: acm.delete_certificate(CertificateArn=certificate))

# Exported and imported again it is the same.
for kind in ("oas30", "swagger"):
    def export(rest_api, accepts="application/json"):
        out = gateway.get_export(restApiId=rest_api, stageName="prod", exportType=kind, parameters={"extensions": "apigateway,documentation"}, accepts=accepts)
        return out["body"].read().decode().replace(rest_api, "API")
    gateway.create_documentation_version(restApiId=api, documentationVersion=kind, stageName="prod")
    before = json.loads(export(api))
    expect(f"{kind}: a title", before["info"]["title"], "shop")
    copy = gateway.import_rest_api(body=json.dumps(before))["id"]
    gateway.create_deployment(restApiId=copy, stageName="prod")
    gateway.create_documentation_version(restApiId=copy, documentationVersion=kind, stageName="prod")
    after = json.loads(export(copy))
    for d in (before, after):
        d["x-amazon-apigateway-documentation"].pop("createdDate")
    expect(f"{kind}: exported again", after, before)
    expect(f"{kind}: as YAML", export(api, "application/yaml").startswith("---\n"), True)
    gateway.delete_rest_api(restApiId=copy)

# And everything goes again.
expect_error("a plan with stages", "BadRequestException",
             f"Cannot delete Usage Plan {plan} because there are API Stages associated with it, including {api}:prod",
             lambda: gateway.delete_usage_plan(usagePlanId=plan))
gateway.delete_base_path_mapping(domainName="api.shop.test", basePath="v1")
gateway.delete_domain_name(domainName="api.shop.test")
acm.delete_certificate(CertificateArn=certificate)
gateway.delete_rest_api(restApiId=api)
expect("the plan has no stage", gateway.get_usage_plan(usagePlanId=plan)["apiStages"], [])
gateway.delete_usage_plan(usagePlanId=plan)
gateway.delete_api_key(apiKey=key["id"])
gateway.update_account(patchOperations=patch(("replace", "/cloudwatchRoleArn", "")))
for name in ("doorman", "orders"):
    functions.delete_function(FunctionName=name)
for group in logs.describe_log_groups()["logGroups"]:
    logs.delete_log_group(logGroupName=group["logGroupName"])
for what, left in {"APIs": gateway.get_rest_apis, "keys": gateway.get_api_keys, "plans": gateway.get_usage_plans, "domains": gateway.get_domain_names}.items():
    expect(f"{what} left", left()["items"], [])
expect("certificates left", acm.list_certificates()["CertificateSummaryList"], [])
expect("functions left", functions.list_functions()["Functions"], [])
expect("groups left", logs.describe_log_groups()["logGroups"], [])
expect_error("a deleted API", "NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{api}", lambda: gateway.get_rest_api(restApiId=api))
expect("a call of it", fetch("/metered")[0], 404)
print("ok")
