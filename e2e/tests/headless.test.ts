// The progress client without any UI, in Node.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { FollowError, followSync, type SyncUpdate } from "connect-widget/headless";
import { eventually } from "../support/eventually.js";
import { progress } from "../support/progress.js";
import { Redis } from "../support/redis.js";
import { Service } from "../support/service.js";

const COLLECTION = "acme";

async function start(t: TestContext) {
  const redis = await Redis.start(t);
  const service = await Service.start(t, redis, ["http://127.0.0.1"]);
  return { redis, service, ...(await service.createSync(COLLECTION, "Team chat")) };
}

/** Follows until the end, and shows what came so far. */
function following(updates: AsyncIterable<SyncUpdate>) {
  const seen: number[] = [];
  const end = (async () => {
    for await (const { progress } of updates) seen.push(progress.inserted);
  })();
  return { seen, end };
}

async function sees(seen: number[], inserted: number): Promise<void> {
  await eventually(() => {
    assert.equal(seen.at(-1), inserted);
  });
}

void test("a sync is followed to its end", async (t) => {
  const { redis, service, connection, job } = await start(t);
  const getSessionToken = () => service.createSession(COLLECTION);
  const { seen, end } = following(followSync(connection, { apiUrl: service.url, getSessionToken }));
  for (const inserted of [1, 2, 3]) {
    await redis.publish(job, progress(inserted, { seq: inserted }));
    await sees(seen, inserted);
  }
  await redis.publish(job, progress(4, { seq: 4, status: "completed" }));
  await end;
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

void test("a stream that is lost is taken up where it was", async (t) => {
  const { redis, service, connection, job } = await start(t);
  const sessionToken = await service.createSession(COLLECTION);
  const { seen, end } = following(followSync(connection, { apiUrl: service.url, sessionToken }));
  await redis.publishWithSnapshot(job, progress(1, { seq: 1 }));
  await sees(seen, 1);
  await service.kill();
  await redis.publishWithSnapshot(job, progress(2, { seq: 2 }));
  await service.start();
  await sees(seen, 2);
  await service.kill();
  await redis.publishWithSnapshot(job, progress(3, { seq: 3, status: "failed", error: "no more room" }));
  await service.start();
  await end;
  assert.deepEqual(seen, [1, 2, 3]);
});

void test("a session that expires is renewed, and one that cannot be ends it", async (t) => {
  const { redis, service, connection, job } = await start(t);
  let asked = 0;
  const getSessionToken = async () => {
    asked += 1;
    return service.createSession(COLLECTION, 2);
  };
  const renewed = following(followSync(connection, { apiUrl: service.url, getSessionToken }));
  const sessionToken = await service.createSession(COLLECTION, 2);
  const expired = following(followSync(connection, { apiUrl: service.url, sessionToken }));
  await assert.rejects(expired.end, (error) => error instanceof FollowError && error.code === "session_expired");
  await eventually(() => {
    assert.ok(asked >= 2);
  });
  await redis.publishWithSnapshot(job, progress(1, { status: "completed" }));
  await renewed.end;
  assert.deepEqual(renewed.seen, [1]);
});

void test("whoever takes long is told the newest state next", async (t) => {
  const { redis, service, connection, job } = await start(t);
  const sessionToken = await service.createSession(COLLECTION);
  const updates = followSync(connection, { apiUrl: service.url, sessionToken });
  const first = updates.next();
  await redis.publishWithSnapshot(job, progress(1, { seq: 1 }));
  assert.equal((await first).value?.progress.inserted, 1);
  for (let seq = 2; seq <= 50; seq += 1) await redis.publishWithSnapshot(job, progress(seq, { seq }));
  await redis.publishWithSnapshot(job, progress(51, { seq: 51, status: "completed" }));
  const seen = [];
  for await (const { progress } of updates) seen.push(progress.inserted);
  assert.equal(seen.at(-1), 51);
  assert.ok(seen.length < 50, String(seen.length));
});

void test("an aborted signal ends it, and so does leaving the loop", async (t) => {
  const { redis, service, connection, job } = await start(t);
  const sessionToken = await service.createSession(COLLECTION);
  const stop = new AbortController();
  const aborted = following(followSync(connection, { apiUrl: service.url, sessionToken, signal: stop.signal }));
  await redis.publishWithSnapshot(job, progress(1));
  await sees(aborted.seen, 1);
  for await (const { jobId } of followSync(connection, { apiUrl: service.url, sessionToken })) {
    assert.equal(jobId, job);
    break;
  }
  stop.abort(new Error("enough"));
  await assert.rejects(aborted.end, /enough/);
  await eventually(async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    assert.match(metrics, /^connect_streams_open 0$/m);
  });
});

void test("what cannot be followed says why", async (t) => {
  const { service, connection } = await start(t);
  const idle = await service.createConnection(COLLECTION, "Wiki");
  const sessionToken = await service.createSession(COLLECTION);
  const otherToken = await service.createSession("another");
  const cases = [
    { id: idle, token: sessionToken, code: "no_job" },
    { id: connection, token: otherToken, code: "refused" },
    { id: connection, token: "e30.AAAA", code: "session_expired" },
  ];
  for (const { id, token, code } of cases) {
    const { end } = following(followSync(id, { apiUrl: service.url, sessionToken: token }));
    await assert.rejects(end, (error) => error instanceof FollowError && error.code === code, code);
  }
});

void test("a job that appears late is waited for where asked to", async (t) => {
  const { redis, service } = await start(t);
  const idle = await service.createConnection(COLLECTION, "Wiki");
  const sessionToken = await service.createSession(COLLECTION);
  const { seen, end } = following(followSync(idle, { apiUrl: service.url, sessionToken, wait: 60 }));
  const job = await service.createJob(idle);
  await redis.publishWithSnapshot(job, progress(1, { status: "completed" }));
  await end;
  assert.deepEqual(seen, [1]);
});
