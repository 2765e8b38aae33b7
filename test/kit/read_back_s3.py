"""Lists the objects of a bucket below a prefix with boto3, downloads each into a folder, and prints a line of JSON for each, in the order of the listing."""

import json
import os
import sys

import boto3

endpoint, region, bucket, prefix, folder = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint, region_name=region)
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
for number, item in enumerate(item for page in pages for item in page.get("Contents", [])):
    key = item["Key"]
    file = os.path.join(folder, str(number))
    # Checks the checksum that the object was stored with.
    got = s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    with open(file, "wb") as out:
        for chunk in got["Body"].iter_chunks(1 << 20):
            out.write(chunk)
    tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    print(
        json.dumps(
            {
                "key": key,
                "sizeBytes": item["Size"],
                "contentType": got.get("ContentType"),
                "contentEncoding": got.get("ContentEncoding"),
                "storageClass": item.get("StorageClass"),
                "encryption": got.get("ServerSideEncryption"),
                "metadata": got["Metadata"],
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
                "file": file,
            }
        )
    )
