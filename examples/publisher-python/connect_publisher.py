"""Publishes how far a sync is: counts, tells a few times a second, and always tells the end.

    with Publisher(RedisDestination("redis://127.0.0.1:6379"), job) as publisher:
        for message in source:
            publisher.inserted(1)
            publisher.met("Message")
        publisher.complete()

Counting costs the sync next to nothing and never fails: a thread tells the newest state, and tries again while the destination
is away. A block that is left without an end, by an exception or not, tells that the sync has failed; so does a program that ends.
"""

import atexit
import copy
import json
import random
import threading
import time
from datetime import datetime, timezone

import httpx
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ATTEMPT_SECONDS = 5
"""How long one attempt may take."""

GRACE_SECONDS = 5
"""How long a publisher that is left without an end waits for that to be told."""

HAND_OVER_SECONDS = 2
SNAPSHOT_TTL_SECONDS = 1800
STOPPED = "The sync stopped unexpectedly."
COUNTS = ("inserted", "updated", "deleted", "kept", "skipped")


class PublishError(Exception):
    """The end could not be told: the destination stayed away, or refuses."""


class Refused(PublishError):
    """Trying again is of no use: another key, an unknown job."""


class RedisDestination:
    """The Redis that the service listens to."""

    def __init__(self, url: str) -> None:
        timeouts = {"socket_timeout": ATTEMPT_SECONDS, "socket_connect_timeout": ATTEMPT_SECONDS}
        # The publisher tries again by itself, with what is newest then.
        self._redis = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **timeouts)

    def tell(self, job: str, message: dict) -> None:
        """Stores the snapshot and publishes, in one round trip; whoever subscribes in between finds the snapshot."""
        text = json.dumps(message)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(f"sync_progress_snapshot:{job}", text, ex=SNAPSHOT_TTL_SECONDS)
        pipeline.publish(f"sync_job:{job}", text)
        try:
            pipeline.execute()
        except redis.RedisError as error:
            raise PublishError(f"the progress could not be published: {error}") from error


class HttpDestination:
    """The service's API, with one of its API keys."""

    def __init__(self, url: str, api_key: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"X-API-Key": api_key}, timeout=ATTEMPT_SECONDS)

    def tell(self, job: str, message: dict) -> None:
        try:
            answer = self._client.post(f"/connect/jobs/{job}/progress", json=message)
        except httpx.HTTPError as error:
            raise PublishError(f"the progress could not be published: {error}") from error
        if answer.is_success:
            return
        reason = f"the service refuses the progress with {answer.status_code}"
        if answer.is_client_error and answer.status_code not in (408, 429):
            raise Refused(reason)
        raise PublishError(reason)


class Publisher:
    """Counts what a worker does, and tells it. Can be used by several threads."""

    def __init__(self, destination, job: str, *, updates_per_second=4, patience_seconds=60, resume_from=None) -> None:
        """`resume_from` is what `hand_over` or `progress` gave in an earlier attempt at the job."""
        self._destination = destination
        self._job = job
        self._pace = 1 / updates_per_second
        self._patience = patience_seconds
        self._progress = dict.fromkeys(COUNTS, 0) | {"entities_encountered": {}} | copy.deepcopy(resume_from or {})
        self._progress.pop("error", None)
        self._status = "running"
        self._changed = threading.Condition()
        self._is_news = True
        self._farewell = None
        self._error = None
        self._done = threading.Event()
        threading.Thread(target=self._run, name="connect-publisher", daemon=True).start()
        atexit.register(self._leave)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, *_) -> None:
        self._leave()

    def inserted(self, entities=1) -> None:
        """So many entities are new in the destination of the sync."""
        self._count("inserted", entities)

    def updated(self, entities=1) -> None:
        """So many entities had changed."""
        self._count("updated", entities)

    def deleted(self, entities=1) -> None:
        """So many entities are gone from the source."""
        self._count("deleted", entities)

    def kept(self, entities=1) -> None:
        """So many entities had not changed."""
        self._count("kept", entities)

    def skipped(self, entities=1) -> None:
        """So many entities were passed over."""
        self._count("skipped", entities)

    def met(self, entity_type: str, entities=1) -> None:
        """So many entities of a type were met."""
        with self._changed:
            types = self._progress["entities_encountered"]
            types[entity_type] = types.get(entity_type, 0) + entities
            self._has_news()

    def expects(self, entities: int) -> None:
        """There will be so many entities in all."""
        with self._changed:
            self._progress["total"] = entities
            self._has_news()

    def progress(self) -> dict:
        """What was counted so far, to be put aside for `resume_from`."""
        with self._changed:
            return copy.deepcopy(self._progress)

    def complete(self) -> None:
        """All is synced. Returns when that is told, or raises."""
        self._end("completed")

    def fail(self, reason: str) -> None:
        """The sync has failed; end users read the reason."""
        self._end("failed", reason)

    def cancel(self) -> None:
        """Somebody has stopped the sync."""
        self._end("cancelled")

    def hand_over(self) -> dict:
        """Stops without an end: another attempt goes on with the job. Gives what it has to begin with."""
        self._let_go("handed over")
        self._done.wait()
        return self.progress()

    def _count(self, member: str, entities: int) -> None:
        with self._changed:
            self._progress[member] += entities
            self._has_news()

    def _has_news(self) -> None:
        # Whoever waits is woken once, however much is counted until then.
        if not self._is_news:
            self._is_news = True
            self._changed.notify()

    def _end(self, status: str, reason=None) -> None:
        self._let_go(status, reason)
        self._done.wait()
        if self._error:
            raise self._error

    def _leave(self) -> None:
        self._let_go("failed", STOPPED)
        self._done.wait(GRACE_SECONDS)

    def _let_go(self, farewell: str, reason=None) -> None:
        with self._changed:
            if self._farewell:
                return  # The first word holds.
            self._farewell = farewell
            if farewell != "handed over":
                self._status = farewell
                self._is_news = True
                if reason is not None:
                    self._progress["error"] = reason
            self._changed.notify()

    def _run(self) -> None:
        try:
            self._tell_updates()
            if self._is_news:
                self._tell_last(HAND_OVER_SECONDS if self._farewell == "handed over" else self._patience)
        except Exception as error:  # Whatever it is, whoever says the end is to know that it was not told.
            self._error = error
        finally:
            self._done.set()
            atexit.unregister(self._leave)

    def _tell_updates(self) -> None:
        """Tells what is newest again and again, not too often, until the worker lets go."""
        pauses = backoff()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_news or self._farewell)
            if self._farewell:
                return
            pause = self._pace
            try:
                self._destination.tell(self._job, self._message())
                pauses = backoff()
            except Refused:
                # Nothing but another key or job would help. The end is tried nevertheless.
                pause = None
            except PublishError:
                self._is_news = True
                pause = max(pause, next(pauses))
            with self._changed:
                # The end does not wait.
                self._changed.wait_for(lambda: self._farewell, pause)

    def _tell_last(self, patience: float) -> None:
        give_up = time.monotonic() + patience
        message = self._message()
        for pause in backoff():
            try:
                return self._destination.tell(self._job, message)
            except Refused:
                raise
            except PublishError:
                if time.monotonic() + pause > give_up:
                    raise
                time.sleep(pause)

    def _message(self) -> dict:
        with self._changed:
            self._is_news = False
            # Grows over restarts of the worker too, so that no older state is shown after a newer one.
            self._progress["seq"] = max(self._progress.get("seq", 0) + 1, time.time_ns() // 1_000_000)
            self._progress["last_update_timestamp"] = datetime.now(timezone.utc).isoformat()
            self._progress["status"] = self._status
            # For readers of the older generation.
            self._progress["is_complete"] = self._status == "completed"
            self._progress["is_failed"] = self._status in ("failed", "cancelled")
            return copy.deepcopy(self._progress)


def backoff():
    """Pauses in seconds: exponential, with jitter, so that many workers do not come back all at once."""
    pause = 0.1
    while True:
        yield pause * random.uniform(0.5, 1)
        pause = min(pause * 2, 2)
