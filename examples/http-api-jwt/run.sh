#!/usr/bin/env bash
# Deploys an HTTP API with a JWT authorizer with plain AWS CLI commands, and calls it with
# tokens of Postern's own issuer: every answer is checked. Run it again and it deploys once
# more, as a new API.
#
#   examples/http-api-jwt/run.sh [ENDPOINT]     default http://localhost:4566
set -euo pipefail
cd "$(dirname "$0")"
endpoint=${1:-${AWS_ENDPOINT_URL:-http://localhost:4566}}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_PAGER= POSTERN_ENDPOINT=$endpoint
PATH=$PATH:$PWD/../../bin
pool=us-east-1_Example
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

aws() { command aws --endpoint-url "$endpoint" --output text "$@"; }

echo "deploying"
go run ../hello/zip "$build/function.zip" handler.py
if aws lambda get-function --function-name http-api-jwt >/dev/null 2>&1; then
  function=$(aws lambda update-function-code --function-name http-api-jwt --zip-file "fileb://$build/function.zip" --query FunctionArn)
else
  function=$(aws lambda create-function --function-name http-api-jwt --runtime python3.12 --handler handler.handle \
    --role arn:aws:iam::000000000000:role/any --zip-file "fileb://$build/function.zip" --query FunctionArn)
fi
account=$(cut -d: -f5 <<<"$function")

api=$(aws apigatewayv2 create-api --name http-api-jwt --protocol-type HTTP --query ApiId)
authorizer=$(aws apigatewayv2 create-authorizer --api-id "$api" --name users --authorizer-type JWT --identity-source '$request.header.Authorization' \
  --jwt-configuration "Issuer=https://cognito-idp.us-east-1.amazonaws.com/$pool,Audience=my-app" --query AuthorizerId)
integration=$(aws apigatewayv2 create-integration --api-id "$api" --integration-type AWS_PROXY --integration-uri "$function" \
  --payload-format-version 2.0 --query IntegrationId)
aws lambda add-permission --function-name http-api-jwt --statement-id "api-$api" --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$AWS_DEFAULT_REGION:$account:$api/*" >/dev/null
aws apigatewayv2 create-route --api-id "$api" --route-key 'GET /me' --target "integrations/$integration" \
  --authorization-type JWT --authorizer-id "$authorizer" >/dev/null
aws apigatewayv2 create-route --api-id "$api" --route-key 'GET /pets' --target "integrations/$integration" \
  --authorization-type JWT --authorizer-id "$authorizer" --authorization-scopes pets/read pets/write >/dev/null
aws apigatewayv2 create-stage --api-id "$api" --stage-name '$default' --auto-deploy >/dev/null
url=$endpoint/_aws/execute-api/$api

# call WHAT STATUS PATH [TOKEN]: shows an answer, which has to have the status.
call() {
  local status
  status=$(curl -s -o "$build/body" -D "$build/header" -w '%{http_code}' ${4:+-H "Authorization: Bearer $4"} "$url$3")
  echo
  echo "GET $3, $1: $status"
  grep -i '^www-authenticate' "$build/header" | tr -d '\r' || true
  cat "$build/body"
  echo
  [ "$status" = "$2" ] || { echo "http-api-jwt: it should be $2" >&2; exit 1; }
}

token() { postern token --user-pool "$pool" --client-id my-app --username ada "$@"; }

call "without a token" 401 /me
call "with a token of another app" 401 /me "$(postern token --user-pool "$pool" --client-id other-app)"
call "with a token" 200 /me "$(token)"
call "without the scope" 403 /pets "$(token --scope cats/read)"
call "with one of its scopes" 200 /pets "$(token --scope pets/read)"
echo
echo "Deployed. Try:"
echo "  curl -H \"Authorization: \$(postern token --user-pool $pool --client-id my-app)\" '$url/me'"
