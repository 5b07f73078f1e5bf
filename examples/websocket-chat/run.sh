#!/usr/bin/env bash
# Deploys a WebSocket API with a function that lets its clients chat, with plain AWS CLI
# commands, and prints the page to open in a browser. Run it again and it deploys once
# more, as a new API.
#
#   examples/websocket-chat/run.sh [ENDPOINT]     default http://localhost:4566
set -euo pipefail
cd "$(dirname "$0")"
endpoint=${1:-${AWS_ENDPOINT_URL:-http://localhost:4566}}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_PAGER=
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

aws() { command aws --endpoint-url "$endpoint" --output text "$@"; }

echo "deploying"
go run ../hello/zip "$build/function.zip" handler.py
if aws lambda get-function --function-name websocket-chat >/dev/null 2>&1; then
  function=$(aws lambda update-function-code --function-name websocket-chat --zip-file "fileb://$build/function.zip" --query FunctionArn)
else
  function=$(aws lambda create-function --function-name websocket-chat --runtime python3.12 --handler handler.handle --timeout 10 \
    --role arn:aws:iam::000000000000:role/any --zip-file "fileb://$build/function.zip" --query FunctionArn)
fi
aws lambda put-function-concurrency --function-name websocket-chat --reserved-concurrent-executions 1 >/dev/null
account=$(cut -d: -f5 <<<"$function")

api=$(aws apigatewayv2 create-api --name websocket-chat --protocol-type WEBSOCKET --route-selection-expression '$request.body.action' --query ApiId)
integration=$(aws apigatewayv2 create-integration --api-id "$api" --integration-type AWS_PROXY --integration-method POST \
  --integration-uri "arn:aws:apigateway:$AWS_DEFAULT_REGION:lambda:path/2015-03-31/functions/$function/invocations" --query IntegrationId)
aws lambda add-permission --function-name websocket-chat --statement-id "api-$api" --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$AWS_DEFAULT_REGION:$account:$api/*" >/dev/null
for route in '$connect' '$disconnect' say; do
  aws apigatewayv2 create-route --api-id "$api" --route-key "$route" --target "integrations/$integration" >/dev/null
done
deployment=$(aws apigatewayv2 create-deployment --api-id "$api" --query DeploymentId)
aws apigatewayv2 create-stage --api-id "$api" --stage-name dev --deployment-id "$deployment" >/dev/null

echo
echo "Deployed. Open this page in two tabs:"
echo "  file://$PWD/index.html#${endpoint/http/ws}/_aws/execute-api/$api/dev"
