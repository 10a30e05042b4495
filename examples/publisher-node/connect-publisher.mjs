// Publishes how far a sync is: counts, tells a few times a second, and always tells the end.
//
//     await publish(redisDestination("redis://127.0.0.1:6379"), job, async (publisher) => {
//       for await (const message of source) {
//         publisher.inserted();
//         publisher.met("Message");
//       }
//       await publisher.complete();
//     });
//
// Counting costs the sync next to nothing and never fails: the newest state is told in the background, and tried again while the
// destination is away. A function that is left without an end, by an error or not, tells that the sync has failed; so does a
// program that has nothing more to do.
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";

/** How long one attempt may take, in milliseconds. */
const ATTEMPT = 5_000;

/** How long a publisher that is left without an end tries to tell that, in milliseconds. */
const GRACE = 5_000;

const HAND_OVER_PATIENCE = 2_000;
const SNAPSHOT_TTL_SECONDS = 1800;
const STOPPED = "The sync stopped unexpectedly.";

/** The end could not be told: the destination stayed away, or refuses. */
export class PublishError extends Error {}

/** Trying again is of no use: another key, an unknown job. */
class Refused extends PublishError {}

/** The Redis that the service listens to. */
export function redisDestination(url) {
  let client;
  /** After anything went wrong the next attempt connects anew: what waits in a client would be told too late. */
  async function connected() {
    if (client?.isReady) return client;
    client?.destroy();
    client = createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: ATTEMPT, socketTimeout: ATTEMPT, reconnectStrategy: false } });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
  return {
    /** Stores the snapshot and publishes, in one round trip; whoever subscribes in between finds the snapshot. */
    async tell(job, message) {
      const text = JSON.stringify(message);
      try {
        const redis = await connected();
        redis.ref();
        await redis
          .multi()
          .set(`sync_progress_snapshot:${job}`, text, { expiration: { type: "EX", value: SNAPSHOT_TTL_SECONDS } })
          .publish(`sync_job:${job}`, text)
          .execAsPipeline();
        // An open connection alone keeps no program running.
        redis.unref();
      } catch (cause) {
        if (client?.isOpen) client.destroy();
        client = undefined;
        throw new PublishError(`the progress could not be published: ${cause.message}`, { cause });
      }
    },
  };
}

/** The service's API, with one of its API keys. */
export function httpDestination(url, apiKey) {
  const headers = { "X-API-Key": apiKey, "Content-Type": "application/json" };
  return {
    async tell(job, message) {
      const body = JSON.stringify(message);
      let answer;
      try {
        answer = await fetch(`${url}/connect/jobs/${job}/progress`, { method: "POST", headers, body, signal: AbortSignal.timeout(ATTEMPT) });
        await answer.arrayBuffer();
      } catch (cause) {
        throw new PublishError(`the progress could not be published: ${cause.message}`, { cause });
      }
      if (answer.ok) return;
      const reason = `the service refuses the progress with ${answer.status}`;
      const isFinal = answer.status < 500 && answer.status !== 408 && answer.status !== 429;
      throw new (isFinal ? Refused : PublishError)(reason);
    },
  };
}

/** Lets a function sync and tell the end. Where it does not, the sync has failed. */
export async function publish(destination, job, sync, options) {
  const publisher = new Publisher(destination, job, options);
  try {
    return await sync(publisher);
  } finally {
    await publisher.leave();
  }
}

/** Counts what a worker does, and tells it. */
export class Publisher {
  #progress;
  #status = "running";
  #isNews = true;
  #farewell;
  #patience;
  #told;
  #wake = () => undefined;
  #leave = () => this.leave();

  /** `resumeFrom` is what `handOver` or `progress` gave in an earlier attempt at the job. */
  constructor(destination, job, { updatesPerSecond = 4, patience = 60_000, resumeFrom = {} } = {}) {
    const none = { inserted: 0, updated: 0, deleted: 0, kept: 0, skipped: 0, entities_encountered: {} };
    this.#progress = { ...none, ...structuredClone(resumeFrom), error: undefined };
    this.#patience = patience;
    this.#told = this.#run(destination, job, 1000 / updatesPerSecond);
    // Whoever says the end learns of it.
    this.#told.catch(() => undefined);
    process.once("beforeExit", this.#leave);
  }

  /** So many entities are new in the destination of the sync. */
  inserted(entities = 1) {
    this.#count("inserted", entities);
  }

  /** So many entities had changed. */
  updated(entities = 1) {
    this.#count("updated", entities);
  }

  /** So many entities are gone from the source. */
  deleted(entities = 1) {
    this.#count("deleted", entities);
  }

  /** So many entities had not changed. */
  kept(entities = 1) {
    this.#count("kept", entities);
  }

  /** So many entities were passed over. */
  skipped(entities = 1) {
    this.#count("skipped", entities);
  }

  /** So many entities of a type were met. */
  met(entityType, entities = 1) {
    const types = this.#progress.entities_encountered;
    types[entityType] = (types[entityType] ?? 0) + entities;
    this.#hasNews();
  }

  /** There will be so many entities in all. */
  expects(entities) {
    this.#progress.total = entities;
    this.#hasNews();
  }

  /** What was counted so far, to be put aside for `resumeFrom`. */
  progress() {
    return structuredClone(this.#progress);
  }

  /** All is synced. Resolves when that is told. */
  complete() {
    return this.#end("completed");
  }

  /** The sync has failed; end users read the reason. */
  fail(reason) {
    return this.#end("failed", reason);
  }

  /** Somebody has stopped the sync. */
  cancel() {
    return this.#end("cancelled");
  }

  /** Stops without an end: another attempt goes on with the job. Gives what it has to begin with. */
  async handOver() {
    this.#letGo("handed over", undefined, HAND_OVER_PATIENCE);
    await this.#told.catch(() => undefined);
    return this.progress();
  }

  /** Tells that the sync has failed, unless another end was told. Does not wait for a destination that is away. */
  async leave() {
    this.#letGo("failed", STOPPED, GRACE);
    await this.#told.catch(() => undefined);
  }

  #count(member, entities) {
    this.#progress[member] += entities;
    this.#hasNews();
  }

  #hasNews() {
    if (this.#isNews) return;
    this.#isNews = true;
    this.#wake();
  }

  #end(status, reason) {
    this.#letGo(status, reason);
    return this.#told;
  }

  #letGo(farewell, reason, patience = this.#patience) {
    if (this.#farewell) return; // The first word holds.
    this.#farewell = farewell;
    this.#patience = patience;
    if (farewell !== "handed over") {
      this.#status = farewell;
      this.#progress.error = reason;
      this.#isNews = true;
    }
    process.off("beforeExit", this.#leave);
    this.#wake();
  }

  async #run(destination, job, pace) {
    await this.#tellUpdates(destination, job, pace);
    if (this.#isNews) await this.#tellLast(destination, job);
  }

  /** Tells what is newest again and again, not too often, until the worker lets go. */
  async #tellUpdates(destination, job, pace) {
    let pauses = backoff();
    for (;;) {
      await this.#until(() => this.#isNews || this.#farewell);
      if (this.#farewell) return;
      let pause = pace;
      try {
        await destination.tell(job, this.#message());
        pauses = backoff();
      } catch (error) {
        this.#isNews = true;
        // Where it refuses, nothing but another key or job would help. The end is tried nevertheless.
        pause = error instanceof Refused ? undefined : Math.max(pause, pauses.next().value);
      }
      // The end does not wait.
      await this.#until(() => this.#farewell, pause);
    }
  }

  async #tellLast(destination, job) {
    const giveUp = Date.now() + this.#patience;
    const message = this.#message();
    for (const pause of backoff()) {
      try {
        return await destination.tell(job, message);
      } catch (error) {
        if (error instanceof Refused || Date.now() + pause > giveUp) throw error;
      }
      await sleep(pause);
    }
  }

  /** Waits for what is asked for, or so many milliseconds. Keeps no program running. */
  #until(isSo, milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds).unref();
      this.#wake = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#wake();
    });
  }

  #message() {
    this.#isNews = false;
    const isDone = this.#status === "completed";
    Object.assign(this.#progress, {
      // Grows over restarts of the worker too, so that no older state is shown after a newer one.
      seq: Math.max((this.#progress.seq ?? 0) + 1, Date.now()),
      last_update_timestamp: new Date().toISOString(),
      status: this.#status,
      // For readers of the older generation.
      is_complete: isDone,
      is_failed: !isDone && this.#status !== "running",
    });
    return structuredClone(this.#progress);
  }
}

/** Pauses in milliseconds: exponential, with jitter, so that many workers do not come back all at once. */
function* backoff() {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) yield pause * (0.5 + Math.random() / 2);
}
