"""An object store in this process: moto's server with one bucket, and the settings that point Django at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from django.conf import settings
from moto.server import ThreadedMotoServer

BUCKET = "countersign"
BACKEND = "workflows_app.delivery.object_store.ObjectStore"
KEYS = {"access_key": "test", "secret_key": "test", "region_name": "us-east-1"}


@contextmanager
def moto_server() -> Iterator[str]:
    """Its address, with an empty bucket behind it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client(f"http://{host}:{port}").create_bucket(Bucket=BUCKET)
    yield f"http://{host}:{port}"
    server.stop()


def client(url: str) -> Any:
    """A client beside Django, to look and to tamper."""
    return boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    )


def storages(url: str, **options: Any) -> dict[str, Any]:
    """`STORAGES` with files in the bucket behind `url`."""
    given = {**KEYS, "bucket_name": BUCKET, "endpoint_url": url, **options}
    return settings.STORAGES | {"default": {"BACKEND": BACKEND, "OPTIONS": given}}
