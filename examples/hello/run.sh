#!/usr/bin/env bash
# Deploys the example with plain AWS CLI commands: three functions (Go, Python,
# Node) behind one REST API, and prints the URLs to curl. Run it again and it
# deploys once more, as a new API.
#
#   examples/hello/run.sh [ENDPOINT]     default http://localhost:4566
set -euo pipefail
cd "$(dirname "$0")"
endpoint=${1:-${AWS_ENDPOINT_URL:-http://localhost:4566}}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_PAGER=
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

aws() { command aws --endpoint-url "$endpoint" --output text "$@"; }

echo "building the functions"
CGO_ENABLED=0 GOOS=linux go build -trimpath -o "$build/bootstrap" ./go
go run ./zip "$build/go.zip" "$build/bootstrap"
go run ./zip "$build/python.zip" python/handler.py
go run ./zip "$build/node.zip" node/index.mjs

role=$(aws iam get-role --role-name hello --query Role.Arn 2>/dev/null) ||
  role=$(aws iam create-role --role-name hello --query Role.Arn --assume-role-policy-document \
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')

# deploy NAME RUNTIME HANDLER: creates it, or updates its code; prints its ARN.
deploy() {
  if aws lambda get-function --function-name "hello-$1" >/dev/null 2>&1; then
    aws lambda update-function-code --function-name "hello-$1" --zip-file "fileb://$build/$1.zip" --query FunctionArn
  else
    aws lambda create-function --function-name "hello-$1" --runtime "$2" --handler "$3" --role "$role" \
      --zip-file "fileb://$build/$1.zip" --query FunctionArn
  fi
}

api=$(aws apigateway create-rest-api --name hello --query id)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id')

# route NAME ARN: GET /NAME runs the function.
route() {
  local resource region account
  region=$(cut -d: -f4 <<<"$2") account=$(cut -d: -f5 <<<"$2")
  resource=$(aws apigateway create-resource --rest-api-id "$api" --parent-id "$root" --path-part "$1" --query id)
  aws apigateway put-method --rest-api-id "$api" --resource-id "$resource" --http-method GET --authorization-type NONE >/dev/null
  aws apigateway put-integration --rest-api-id "$api" --resource-id "$resource" --http-method GET \
    --type AWS_PROXY --integration-http-method POST \
    --uri "arn:aws:apigateway:$region:lambda:path/2015-03-31/functions/$2/invocations" >/dev/null
  aws lambda add-permission --function-name "$2" --statement-id "api-$api" --action lambda:InvokeFunction \
    --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$region:$account:$api/*/GET/$1" >/dev/null
}

echo "deploying"
route go "$(deploy go provided.al2023 bootstrap)"
route python "$(deploy python python3.12 handler.handle)"
route node "$(deploy node nodejs22.x index.handle)"
aws apigateway create-deployment --rest-api-id "$api" --stage-name dev >/dev/null

echo
echo "Deployed. Try:"
for name in go python node; do
  echo "  curl '$endpoint/_aws/execute-api/$api/dev/$name?name=you'"
done
