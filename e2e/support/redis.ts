import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { eventually } from "./eventually.js";
import { freePort } from "./port.js";
import type { Progress } from "./progress.js";

const run = promisify(execFile);

/** A Redis server of one scenario. */
export class Redis {
  #child: Child | undefined;

  private constructor(
    readonly port: number,
    readonly folder: string,
  ) {}

  static async start(t: TestContext): Promise<Redis> {
    const redis = new Redis(await freePort(), await mkdtemp(join(tmpdir(), "connect-redis-")));
    t.after(async () => {
      await redis.kill();
      await rm(redis.folder, { recursive: true });
    });
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server, with what it held when it was killed. */
  async start(): Promise<void> {
    const flags = { port: this.port, bind: "127.0.0.1", dir: this.folder, save: "", appendonly: "yes", appendfsync: "always" };
    this.#child = new Child(
      "redis-server",
      Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    );
    await this.#child.said(/Ready to accept connections/);
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  /** Publishes as a worker does that leaves no snapshot, once somebody listens. */
  async publish(job: string, progress: Progress | string): Promise<void> {
    const channel = `sync_job:${job}`;
    await eventually(async () => {
      assert.match(await this.#cli("PUBSUB", "NUMSUB", channel), /\n[1-9]/, `nobody listens to ${channel}`);
    });
    await this.#cli("PUBLISH", channel, textOf(progress));
  }

  /** Publishes as a worker does that leaves a snapshot, whether somebody listens or not. */
  async publishWithSnapshot(job: string, progress: Progress | string): Promise<void> {
    await this.#cli("SET", `sync_progress_snapshot:${job}`, textOf(progress), "EX", "1800");
    await this.#cli("PUBLISH", `sync_job:${job}`, textOf(progress));
  }

  async #cli(...args: string[]): Promise<string> {
    return (await run("redis-cli", ["-p", String(this.port), ...args])).stdout;
  }
}

function textOf(progress: Progress | string): string {
  return typeof progress === "string" ? progress : JSON.stringify(progress);
}
