"""The Python function of the example: it greets whoever the query names."""
import json


def handle(event, context):
    name = (event.get("queryStringParameters") or {}).get("name", "world")
    print("greeting", name)
    return {
        "statusCode": 200,
        "body": json.dumps({"message": f"Hello, {name}!", "from": "Python", "path": event["path"]}),
    }
