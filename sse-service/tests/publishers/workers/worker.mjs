// A worker that behaves as it is told: see ../conformance.rs.
import { setTimeout as sleep } from "node:timers/promises";
import { Publisher, httpDestination, publish, redisDestination } from "../../../../examples/publisher-node/connect-publisher.mjs";

const REASON = "The source answered 403: the token has expired.";

const { CONNECT_REDIS_URL: redis, CONNECT_URL: url, CONNECT_API_KEY: apiKey, JOB: job, RESUME_FROM: before = "{}" } = process.env;
const destination = redis ? redisDestination(redis) : httpDestination(url, apiKey);
const options = { updatesPerSecond: 5, resumeFrom: JSON.parse(before) };

async function count(publisher) {
  publisher.expects(1000);
  for (let round = 0; round < 50; round += 1) {
    publisher.inserted(4);
    publisher.updated(2);
    publisher.deleted(1);
    publisher.kept(3);
    publisher.skipped(1);
    publisher.met("Message", 9);
    publisher.met("Channel", 1);
    await sleep(20);
  }
}

const words = {
  completes: (publisher) => publisher.complete(),
  fails: (publisher) => publisher.fail(REASON),
  "is-cancelled": (publisher) => publisher.cancel(),
  leaves: () => undefined,
  "is-killed": () => sleep(600_000),
  "hands-over": async (publisher) => {
    console.log(JSON.stringify(await publisher.handOver()));
  },
};

const [word] = process.argv.slice(2);
if (word === "raises") {
  await publish(
    destination,
    job,
    async (publisher) => {
      await count(publisher);
      throw new Error("told to");
    },
    options,
  );
} else {
  const publisher = new Publisher(destination, job, options);
  await count(publisher);
  await words[word](publisher);
}
