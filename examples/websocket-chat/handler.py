import json

import boto3

# Who is here: connection id to name. It is in memory, so that one sandbox has to serve all, which is what
# run.sh reserves the function; on AWS this would be a table of DynamoDB.
here = {}


def handle(event, context):
    call = event["requestContext"]
    route, me = call["routeKey"], call["connectionId"]
    if route == "$connect":
        here[me] = (event.get("queryStringParameters") or {}).get("name", "somebody")
        told = {"text": here[me] + " is here"}
    elif route == "$disconnect":
        told = {"text": here.pop(me, "somebody") + " has left"}
    else:
        told = {"from": here.setdefault(me, "somebody"), "text": json.loads(event["body"]).get("text", "")}
    tell(call, told)
    return {"statusCode": 200}


def tell(call, message):
    """Sends a message to everybody who is here and reachable: who connects is not before this function returns."""
    api = boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{call['domainName']}/{call['stage']}")
    for connection in list(here):
        if call["eventType"] == "CONNECT" and connection == call["connectionId"]:
            continue
        try:
            api.post_to_connection(ConnectionId=connection, Data=json.dumps(message))
        except api.exceptions.GoneException:
            here.pop(connection, None)
