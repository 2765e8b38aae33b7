"""Lists the objects of a bucket below a prefix with google-cloud-storage, downloads each into a folder, and prints a line of JSON for each, in the order of the listing."""

import json
import os
import sys

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

endpoint, project, bucket, prefix, folder = sys.argv[1:]
client = storage.Client(
    project=project, credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint}
)
for number, blob in enumerate(client.list_blobs(bucket, prefix=prefix)):
    file = os.path.join(folder, str(number))
    # As it is stored; checks the checksum that the object was stored with.
    blob.download_to_filename(file, raw_download=True, checksum="crc32c")
    print(
        json.dumps(
            {
                "key": blob.name,
                "sizeBytes": blob.size,
                "contentType": blob.content_type,
                "contentEncoding": blob.content_encoding,
                "storageClass": blob.storage_class,
                "encryption": blob.kms_key_name,
                "metadata": blob.metadata or {},
                "tags": {},
                "file": file,
            }
        )
    )
