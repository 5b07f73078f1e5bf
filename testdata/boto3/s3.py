"""Buckets, objects, versions, uploads in parts and presigned URLs through boto3, and a function whose code is in S3.

usage: s3.py ENDPOINT
"""
import io
import json
import os
import sys
import urllib.error
import urllib.request
import zipfile

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
REGION = "eu-central-1"


def client(service, **config):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}, **config))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return
    raise AssertionError(f"{code} was expected")


s3 = client("s3")


def objects():
    s3.put_object(Bucket="boto", Key="dir/a b+c.txt", Body=b"hello", Metadata={"owner": "ada"}, ContentType="text/plain", Tagging="a=1")
    got = s3.get_object(Bucket="boto", Key="dir/a b+c.txt")
    assert got["Body"].read() == b"hello" and got["Metadata"] == {"owner": "ada"} and got["ContentType"] == "text/plain", got
    assert s3.get_object(Bucket="boto", Key="dir/a b+c.txt", Range="bytes=1-3")["Body"].read() == b"ell"
    s3.copy_object(Bucket="boto", Key="copy", CopySource={"Bucket": "boto", "Key": "dir/a b+c.txt"})
    assert s3.get_object_tagging(Bucket="boto", Key="copy")["TagSet"] == [{"Key": "a", "Value": "1"}]
    refused("NoSuchKey", s3.get_object, Bucket="boto", Key="none")
    refused("404", s3.head_object, Bucket="boto", Key="none")
    refused("PreconditionFailed", s3.put_object, Bucket="boto", Key="copy", Body=b"", IfNoneMatch="*")
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(Bucket="boto", Key=algorithm, Body=io.BytesIO(b"x" * 100000), ChecksumAlgorithm=algorithm)
        assert "Checksum" + algorithm in s3.head_object(Bucket="boto", Key=algorithm, ChecksumMode="ENABLED")


def lists():
    for i in range(25):
        s3.put_object(Bucket="boto", Key=f"list/{i // 5}/{i} ü", Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto", Prefix="list/", PaginationConfig={"PageSize": 7})
    assert [o["Key"] for p in pages for o in p["Contents"]] == sorted(f"list/{i // 5}/{i} ü" for i in range(25))
    pages = s3.get_paginator("list_objects").paginate(Bucket="boto", Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 2})
    assert [c["Prefix"] for p in pages for c in p["CommonPrefixes"]] == [f"list/{i}/" for i in range(5)]


def parts():
    data = os.urandom(11 << 20)
    s3.upload_fileobj(io.BytesIO(data), "boto", "big", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
    back = io.BytesIO()
    s3.download_fileobj("boto", "big", back)
    assert back.getvalue() == data and s3.head_object(Bucket="boto", Key="big")["ETag"].endswith('-3"')
    up = s3.create_multipart_upload(Bucket="boto", Key="joined")["UploadId"]
    p1 = s3.upload_part_copy(Bucket="boto", Key="joined", UploadId=up, PartNumber=1, CopySource="boto/big", CopySourceRange=f"bytes=0-{(5 << 20) - 1}")
    p2 = s3.upload_part(Bucket="boto", Key="joined", UploadId=up, PartNumber=2, Body=b"end")
    s3.complete_multipart_upload(Bucket="boto", Key="joined", UploadId=up, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": p1["CopyPartResult"]["ETag"]}, {"PartNumber": 2, "ETag": p2["ETag"]}]})
    assert s3.get_object(Bucket="boto", Key="joined")["Body"].read() == data[:5 << 20] + b"end"


def versions():
    s3.put_bucket_versioning(Bucket="boto", VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket="boto", Key="v", Body=b"one")["VersionId"]
    s3.put_object(Bucket="boto", Key="v", Body=b"two")
    marker = s3.delete_object(Bucket="boto", Key="v")
    assert marker["DeleteMarker"] and s3.get_object(Bucket="boto", Key="v", VersionId=one)["Body"].read() == b"one"
    refused("NoSuchKey", s3.get_object, Bucket="boto", Key="v")
    assert len(s3.list_object_versions(Bucket="boto", Prefix="v")["Versions"]) == 2


def presigned():
    for version in ("s3", "s3v4"):
        signing = client("s3", signature_version=version)
        url = signing.generate_presigned_url("put_object", Params={"Bucket": "boto", "Key": "pre signed"})
        urllib.request.urlopen(urllib.request.Request(url, data=version.encode(), method="PUT", headers={"Content-Type": ""})).close()
        url = signing.generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "pre signed"})
        with urllib.request.urlopen(url) as answer:
            assert answer.read() == version.encode()
    url = client("s3", signature_version="s3").generate_presigned_url("get_object", Params={"Bucket": "boto", "Key": "pre signed"}, ExpiresIn=-1)
    try:
        urllib.request.urlopen(url)
        raise AssertionError("the URL has expired")
    except urllib.error.HTTPError as e:
        assert e.code == 403 and b"Request has expired" in e.read()


def configurations():
    cors = {"CORSRules": [{"AllowedOrigins": ["http://localhost:3000"], "AllowedMethods": ["GET"]}]}
    s3.put_bucket_cors(Bucket="boto", CORSConfiguration=cors)
    assert s3.get_bucket_cors(Bucket="boto")["CORSRules"] == cors["CORSRules"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="boto")
    s3.put_bucket_policy(Bucket="boto", Policy=policy)
    assert s3.get_bucket_policy(Bucket="boto")["Policy"] == policy
    s3.put_bucket_tagging(Bucket="boto", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_bucket_tagging(Bucket="boto")["TagSet"] == [{"Key": "k", "Value": "v"}]
    s3.put_bucket_lifecycle_configuration(Bucket="boto", LifecycleConfiguration={"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]})
    assert s3.get_bucket_lifecycle_configuration(Bucket="boto")["Rules"][0]["ID"] == "r"
    assert s3.get_bucket_encryption(Bucket="boto")["ServerSideEncryptionConfiguration"]["Rules"]
    assert s3.get_public_access_block(Bucket="boto")["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert s3.get_bucket_acl(Bucket="boto")["Grants"][0]["Permission"] == "FULL_CONTROL"
    assert s3.get_bucket_location(Bucket="boto")["LocationConstraint"] == REGION
    refused("NotImplemented", s3.put_bucket_website, Bucket="boto", WebsiteConfiguration={"IndexDocument": {"Suffix": "i"}})


def function():
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as z:
        z.writestr("h.py", "def handle(event, context):\n    return 'from S3'\n")
    version = s3.put_object(Bucket="boto", Key="code.zip", Body=package.getvalue())["VersionId"]
    functions = client("lambda")
    functions.create_function(FunctionName="from-s3", Runtime="python3.12", Handler="h.handle", Role="arn:aws:iam::000000000000:role/any",
                              Code={"S3Bucket": "boto", "S3Key": "code.zip", "S3ObjectVersion": version})
    functions.get_waiter("function_active_v2").wait(FunctionName="from-s3", WaiterConfig={"Delay": 1})
    assert json.load(functions.invoke(FunctionName="from-s3")["Payload"]) == "from S3"
    functions.delete_function(FunctionName="from-s3")


def clear():
    bucket = boto3.resource("s3", endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test").Bucket("boto")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket="boto")
    bucket.object_versions.delete()
    bucket.delete()
    refused("404", s3.head_bucket, Bucket="boto")


s3.create_bucket(Bucket="boto", CreateBucketConfiguration={"LocationConstraint": REGION})
for part in (objects, lists, parts, versions, presigned, configurations, function, clear):
    part()
print("ok")
