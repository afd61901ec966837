"""A stand-in for S3 in a process of its own, which keeps versions and signs nothing off."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[2] / ".tmp" / "moto" / "bin" / "moto_server"
REQUIRED = os.environ.get("PHASEGATE_TEST_MOTO") == "1"


class MotoServer:
    """The server, and a client that may do everything."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        with (folder / "moto.log").open("wb") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        self.client: Any = self._client()

    def _client(self) -> Any:
        import botocore.session

        return botocore.session.Session().create_client(
            "s3",
            region_name="us-east-1",
            aws_access_key_id="owner",
            aws_secret_access_key="owner",
            endpoint_url=self.address,
        )

    def bucket(self, name: str, versions: bool = False) -> None:
        """Makes a bucket, in place of what has its name."""
        listed = {each["Name"] for each in self.client.list_buckets()["Buckets"]}
        if name not in listed:
            self.client.create_bucket(Bucket=name)
        status = {"Status": "Enabled" if versions else "Suspended"}
        if versions:
            self.client.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)

    def put(self, bucket: str, key: str, body: bytes) -> str:
        """Puts an object there; its version, where the bucket keeps any."""
        return str(self.client.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId", ""))

    def put_in_parts(self, bucket: str, key: str, parts: list[bytes]) -> str:
        """Puts an object there in parts; its ETag, which is no digest of it."""
        place = {"Bucket": bucket, "Key": key}
        upload = self.client.create_multipart_upload(**place)["UploadId"]
        done = []
        for number, part in enumerate(parts, 1):
            put = self.client.upload_part(**place, UploadId=upload, PartNumber=number, Body=part)
            done.append({"PartNumber": number, "ETag": put["ETag"]})
        given = {**place, "UploadId": upload, "MultipartUpload": {"Parts": done}}
        whole = self.client.complete_multipart_upload(**given)
        return str(whole["ETag"])

    def end(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoServer]:
    if not PROGRAM.exists():
        if REQUIRED:
            pytest.fail("PHASEGATE_TEST_MOTO=1, and 'make moto' has not been made")
        pytest.skip("this machine has no moto; 'make moto' fetches it")
    started = MotoServer(tmp_path_factory.mktemp("moto"))
    yield started
    started.end()
