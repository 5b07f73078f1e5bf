"""The life of an HTTP API and of a WebSocket API's definition through boto3, from nothing to nothing left.

usage: http_api.py ENDPOINT
"""
import io
import json
import sys
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


gateway, functions = client("apigatewayv2"), client("lambda")


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


def expect_error(what, code, message, call):
    try:
        call()
    except ClientError as e:
        return expect(what, (e.response["Error"]["Code"], e.response["Error"]["Message"]), (code, message))
    sys.exit(f"{what}: no error, want {code}")


def fetch(path, method="GET", **headers):
    """Calls a path of the API by its host name; returns status, headers and body as text."""
    headers["Host"] = f"{api}.execute-api.{REGION}.amazonaws.com"
    request = urllib.request.Request(ENDPOINT + path, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read().decode()


def create_function(name, code):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as z:
        z.writestr("index.py", code)
    made = functions.create_function(FunctionName=name, Runtime="python3.12", Role=f"arn:aws:iam::{ACCOUNT}:role/r",
                                     Handler="index.handler", Code={"ZipFile": buffer.getvalue()})
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    functions.add_permission(FunctionName=name, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com")
    return made["FunctionArn"]


def check_quick_create():
    """One call makes an API that answers, and one takes all of it away."""
    global api
    api = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=pets)["ApiId"]
    expect("quick create", fetch("/anything")[::2], (200, '{"route": "$default", "stage": {}}'))
    expect("its stage", [(s["StageName"], s["AutoDeploy"], s["ApiGatewayManaged"]) for s in gateway.get_stages(ApiId=api)["Items"]],
           [("$default", True, True)])
    gateway.delete_api(ApiId=api)
    expect("it is gone", fetch("/anything")[0], 404)


def check_http_api():
    """An API made step by step: every change is live when its call returns."""
    global api
    api = gateway.create_api(Name="pets", ProtocolType="HTTP", Tags={"team": "a"}, CorsConfiguration={
        "AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"]})["ApiId"]
    expect_error("deploying nothing", "BadRequestException", "Unable to deploy API because no routes exist in this API",
                 lambda: gateway.create_deployment(ApiId=api))
    stage = gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True, StageVariables={"color": "red"})
    expect("a stage without routes", stage["LastDeploymentStatusMessage"],
           "Deployment attempt failed: Unable to deploy API because no routes exist in this API")
    integration = gateway.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=pets, PayloadFormatVersion="2.0")
    expect("an integration", (integration["TimeoutInMillis"], integration["IntegrationMethod"], integration["ConnectionType"]), (30000, "POST", "INTERNET"))
    target = "integrations/" + integration["IntegrationId"]
    route = gateway.create_route(ApiId=api, RouteKey="GET /pets/{id}", Target=target)
    expect("a route", fetch("/pets/1")[::2], (200, '{"route": "GET /pets/{id}", "stage": {"color": "red"}}'))
    expect("no route", fetch("/dogs")[::2], (404, '{"message":"Not Found"}'))
    gateway.update_route(ApiId=api, RouteId=route["RouteId"], RouteKey="GET /dogs/{id}")
    expect("a route that moved", (fetch("/pets/1")[0], fetch("/dogs/1")[0]), (404, 200))
    gateway.update_stage(ApiId=api, StageName="$default", StageVariables={"color": "", "size": "big"})
    expect("other variables", fetch("/dogs/1")[2], '{"route": "GET /dogs/{id}", "stage": {"size": "big"}}')

    expect("CORS", fetch("/dogs/1", Origin="https://example.com")[1]["access-control-allow-origin"], "https://example.com")
    gateway.delete_cors_configuration(ApiId=api)
    expect("no CORS", fetch("/dogs/1", Origin="https://example.com")[1]["access-control-allow-origin"], None)

    guard = gateway.create_authorizer(ApiId=api, Name="guard", AuthorizerType="REQUEST", AuthorizerPayloadFormatVersion="2.0",
                                      EnableSimpleResponses=True, IdentitySource=["$request.header.Authorization"],
                                      AuthorizerUri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{allow}/invocations")
    gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizationType="CUSTOM", AuthorizerId=guard["AuthorizerId"])
    expect("who may not", [fetch("/dogs/1")[0], fetch("/dogs/1", Authorization="no")[0], fetch("/dogs/1", Authorization="yes")[0]], [401, 403, 200])
    expect_error("an authorizer in use", "ConflictException", "Cannot delete authorizer 'guard', is referenced in route: GET /dogs/{id}",
                 lambda: gateway.delete_authorizer(ApiId=api, AuthorizerId=guard["AuthorizerId"]))
    gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizationType="NONE")
    gateway.delete_authorizer(ApiId=api, AuthorizerId=guard["AuthorizerId"])
    expect("anybody again", fetch("/dogs/1")[0], 200)

    fixed = gateway.create_deployment(ApiId=api, Description="fixed")
    gateway.create_stage(ApiId=api, StageName="v1", DeploymentId=fixed["DeploymentId"])
    gateway.create_route(ApiId=api, RouteKey="GET /cats", Target=target)
    expect("a stage of its own deployment", (fetch("/cats")[0], fetch("/v1/cats")[0], fetch("/v1/dogs/1")[0]), (200, 404, 200))
    expect_error("a deployment in use", "BadRequestException", "Active stages pointing to this deployment must be moved or deleted",
                 lambda: gateway.delete_deployment(ApiId=api, DeploymentId=fixed["DeploymentId"]))
    gateway.update_stage(ApiId=api, StageName="v1", RouteSettings={"GET /dogs/{id}": {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}})
    expect("throttled", fetch("/v1/dogs/1")[::2], (429, '{"message":"Too Many Requests"}'))
    gateway.delete_route_settings(ApiId=api, StageName="v1", RouteKey="GET /dogs/{id}")
    expect("not throttled", fetch("/v1/dogs/1")[0], 200)
    gateway.delete_stage(ApiId=api, StageName="v1")
    expect("a stage that went", fetch("/v1/dogs/1")[0], 404)

    arn = f"arn:aws:apigateway:{REGION}::/apis/{api}"
    gateway.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    gateway.untag_resource(ResourceArn=arn, TagKeys=["team"])
    expect("tags", (gateway.get_tags(ResourceArn=arn)["Tags"], gateway.get_api(ApiId=api)["Tags"]), ({"stage": "test"},) * 2)
    expect("pages", [len(page["Items"]) for page in gateway.get_paginator("get_routes").paginate(ApiId=api, PaginationConfig={"PageSize": 1})], [1, 1])
    expect_error("an integration in use", "ConflictException",
                 f"Cannot delete Integration because it is referenced by the following Routes with Ids: [{', '.join(r['RouteId'] for r in gateway.get_routes(ApiId=api)['Items'])}]",
                 lambda: gateway.delete_integration(ApiId=api, IntegrationId=integration["IntegrationId"]))
    gateway.delete_api(ApiId=api)
    expect("it is gone", fetch("/dogs/1")[0], 404)
    expect_error("for good", "NotFoundException", f"Invalid API identifier specified {ACCOUNT}:{api}", lambda: gateway.get_api(ApiId=api))


def check_websocket_api():
    """What only WebSocket APIs have: models, responses and keys. (Messages are another test's.)"""
    ws = gateway.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")["ApiId"]
    model = gateway.create_model(ApiId=ws, Name="Message", Schema=json.dumps({"type": "object", "required": ["text"]}))
    integration = gateway.create_integration(ApiId=ws, IntegrationType="MOCK", RequestTemplates={"$default": '{"statusCode": 200}'},
                                             TemplateSelectionExpression="\\$default")["IntegrationId"]
    answer = gateway.create_integration_response(ApiId=ws, IntegrationId=integration, IntegrationResponseKey="$default",
                                                 ResponseTemplates={"$default": "hello"}, TemplateSelectionExpression="\\$default")
    route = gateway.create_route(ApiId=ws, RouteKey="send", Target=f"integrations/{integration}", ModelSelectionExpression="$request.body.action",
                                 RequestModels={"send": "Message"}, RouteResponseSelectionExpression="$default")
    response = gateway.create_route_response(ApiId=ws, RouteId=route["RouteId"], RouteResponseKey="$default")
    expect_error("authorization", "BadRequestException", "Currently, authorization is restricted to the $connect route only",
                 lambda: gateway.create_route(ApiId=ws, RouteKey="other", AuthorizationType="AWS_IAM"))
    expect_error("a model in use", "ConflictException", "Cannot delete model 'Message', is referenced in route: send",
                 lambda: gateway.delete_model(ApiId=ws, ModelId=model["ModelId"]))
    gateway.create_stage(ApiId=ws, StageName="prod")
    deployment = gateway.create_deployment(ApiId=ws, StageName="prod")
    expect("deployed", gateway.get_stage(ApiId=ws, StageName="prod")["DeploymentId"], deployment["DeploymentId"])
    gateway.delete_route_response(ApiId=ws, RouteId=route["RouteId"], RouteResponseId=response["RouteResponseId"])
    gateway.delete_integration_response(ApiId=ws, IntegrationId=integration, IntegrationResponseId=answer["IntegrationResponseId"])
    gateway.delete_route(ApiId=ws, RouteId=route["RouteId"])
    gateway.delete_integration(ApiId=ws, IntegrationId=integration)
    gateway.delete_model(ApiId=ws, ModelId=model["ModelId"])
    gateway.delete_api(ApiId=ws)


pets = create_function("pets", """import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"route": event["routeKey"], "stage": event.get("stageVariables", {})})}
""")
allow = create_function("allow", """def handler(event, context):
    return {"isAuthorized": event["headers"]["authorization"] == "yes"}
""")
check_quick_create()
check_http_api()
check_websocket_api()
expect("nothing is left", gateway.get_apis()["Items"], [])
print("ok")
