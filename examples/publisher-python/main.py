"""Syncs a folder, and publishes how far it is: every file is an entity, its type is the file's extension."""

import os
import sys
import uuid
from pathlib import Path

import httpx

from connect_publisher import HttpDestination, Publisher, RedisDestination


def main() -> None:
    folder = Path(sys.argv[1])
    collection = sys.argv[2] if len(sys.argv) > 2 else "acme"
    url = os.environ.get("CONNECT_URL", "http://127.0.0.1:8080")
    api_key = os.environ["CONNECT_API_KEY"]

    connection = uuid.uuid4()
    path = f"{url}/connect/source-connections/{connection}"
    headers = {"X-API-Key": api_key}
    registered = {"name": f"Folder {folder}", "short_name": "folder", "readable_collection_id": collection}
    httpx.put(path, json=registered, headers=headers).raise_for_status()
    job = httpx.post(f"{path}/jobs", json={}, headers=headers).raise_for_status().json()["id"]
    print(f"connection {connection}, job {job}")

    # Straight to the Redis that the service listens to, where it can be reached; else through the service.
    redis = os.environ.get("CONNECT_REDIS_URL")
    destination = RedisDestination(redis) if redis else HttpDestination(url, api_key)
    with Publisher(destination, job) as publisher:
        try:
            sync(publisher, folder)
        except OSError as error:
            publisher.fail(str(error))
            raise
        publisher.complete()


def sync(publisher: Publisher, folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            sync(publisher, path)
            continue
        publisher.met(path.suffix.lstrip(".") or "file")
        publisher.inserted()


main()
