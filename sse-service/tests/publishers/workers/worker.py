"""A worker that behaves as it is told: see ../conformance.rs."""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "examples/publisher-python"))

from connect_publisher import HttpDestination, Publisher, RedisDestination

REASON = "The source answered 403: the token has expired."

redis = os.environ.get("CONNECT_REDIS_URL")
if redis:
    destination = RedisDestination(redis)
else:
    destination = HttpDestination(os.environ["CONNECT_URL"], os.environ["CONNECT_API_KEY"])
before = json.loads(os.environ.get("RESUME_FROM", "{}"))
publisher = Publisher(destination, os.environ["JOB"], updates_per_second=5, resume_from=before)
publisher.expects(1000)
for _ in range(50):
    publisher.inserted(4)
    publisher.updated(2)
    publisher.deleted(1)
    publisher.kept(3)
    publisher.skipped(1)
    publisher.met("Message", 9)
    publisher.met("Channel", 1)
    time.sleep(0.02)

match sys.argv[1]:
    case "completes":
        publisher.complete()
    case "fails":
        publisher.fail(REASON)
    case "is-cancelled":
        publisher.cancel()
    case "raises":
        with publisher:
            raise RuntimeError("told to")
    case "leaves":
        pass
    case "is-killed":
        time.sleep(600)
    case "hands-over":
        print(json.dumps(publisher.hand_over()))
    case other:
        sys.exit(f"{other}?")
