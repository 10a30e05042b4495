// Workers that say much, on one connection to Redis.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Publishes for many jobs until it is stopped. */
export class Workers {
  #isStopped = false;
  readonly #done: Promise<void>;

  private constructor(
    private readonly socket: Socket,
    private readonly jobs: string[],
    private readonly perSecond: number,
    private inserted: number,
  ) {
    socket.resume();
    this.#done = this.#work();
  }

  /** So many messages a second of each job, that go on where those before have ended: counts only grow. */
  static async start(redisPort: number, jobs: string[], perSecond: number, before?: Workers): Promise<Workers> {
    const socket = connect(redisPort, "127.0.0.1");
    await once(socket, "connect");
    return new Workers(socket, jobs, perSecond, before?.rounds ?? 0);
  }

  /** How many messages each job has had. */
  get rounds(): number {
    return this.inserted;
  }

  /** What each job has counted. */
  get synced(): number {
    return this.inserted + (this.inserted >> 1);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    this.socket.destroy();
  }

  /** Jobs speak at moments of their own, so in each round they are spread over its time. */
  async #work(): Promise<void> {
    const parts = 10;
    const each = Math.ceil(this.jobs.length / parts);
    const started = performance.now();
    for (let part = 0; !this.#isStopped; part += 1) {
      const at = part % parts;
      if (at === 0) this.inserted += 1;
      this.socket.write(this.jobs.slice(at * each, (at + 1) * each).map((job) => this.#message(job)).join(""));
      const due = started + ((part + 1) * 1000) / (parts * this.perSecond);
      await sleep(Math.max(0, due - performance.now()));
    }
  }

  #message(job: string): string {
    const inserted = this.inserted;
    const text = JSON.stringify({
      inserted,
      updated: inserted >> 1,
      deleted: 0,
      kept: 0,
      skipped: 0,
      entities_encountered: { Message: inserted, File: inserted >> 1 },
      total: 100_000,
      seq: inserted,
    });
    const channel = `sync_job:${job}`;
    return `*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$${text.length}\r\n${text}\r\n`;
  }
}
