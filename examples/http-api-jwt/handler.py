def handle(event, context):
    jwt = event["requestContext"]["authorizer"]["jwt"]
    user = jwt["claims"].get("username") or jwt["claims"].get("cognito:username")  # of access tokens, of ID tokens
    return {"route": event["routeKey"], "hello": user, "scopes": jwt["scopes"]}
