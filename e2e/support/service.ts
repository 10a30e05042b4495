import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { Child } from "./child.js";
import { SERVICE_BINARY } from "./paths.js";
import { freePort } from "./port.js";
import type { Progress } from "./progress.js";
import type { Redis } from "./redis.js";

/** Signs session tokens. */
export const SECRET = "a secret for the end-to-end tests only";

/** The key of the host's servers. */
export const API_KEY = "a key for the end-to-end tests only";

/** What else a host says of a connection. */
interface ConnectionMembers {
  short_name?: string;
  status?: string;
  entity_count?: number;
}

/** The ids of a connection and its job. */
export interface Sync {
  connection: string;
  job: string;
}

/** The service of one scenario, and what a host's server asks of it. */
export class Service {
  #child: Child | undefined;

  private constructor(
    readonly port: number,
    readonly redis: Redis,
    readonly origins: string[],
  ) {}

  static async start(t: TestContext, redis: Redis, origins: string[]): Promise<Service> {
    const service = new Service(await freePort(), redis, origins);
    t.after(() => service.kill());
    await service.start();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isAlive(): boolean {
    return this.#child?.isAlive ?? false;
  }

  /** Starts the service, at the same address each time. */
  async start(): Promise<void> {
    const flags = ["--broker", "redis", "--directory", "redis", "--listen", `127.0.0.1:${this.port}`];
    this.#child = new Child(SERVICE_BINARY, ["serve", ...flags], {
      CONNECT_REDIS_URL: this.redis.url,
      CONNECT_SESSION_SECRETS: SECRET,
      CONNECT_API_KEYS: API_KEY,
      CONNECT_ALLOW_ORIGINS: this.origins.join(","),
    });
    await this.#child.said(/listening on http/);
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  /** A session token for a collection. */
  async createSession(collection: string, ttlSeconds = 600, mode = "all"): Promise<string> {
    const body = { readable_collection_id: collection, ttl_seconds: ttlSeconds, mode };
    const answer = (await this.#send("POST", "/connect/sessions", body)) as { session_token: string };
    return answer.session_token;
  }

  /** Registers a connection and gives its id. */
  async createConnection(collection: string, name: string, members: ConnectionMembers = {}): Promise<string> {
    const id = randomUUID();
    await this.#send("PUT", `/connect/source-connections/${id}`, {
      name,
      short_name: "slack",
      readable_collection_id: collection,
      ...members,
    });
    return id;
  }

  /** Registers a running job of a connection and gives its id. */
  async createJob(connection: string): Promise<string> {
    const id = randomUUID();
    await this.#send("POST", `/connect/source-connections/${connection}/jobs`, { id, status: "running" });
    return id;
  }

  /** Registers a connection that syncs, with its job. */
  async createSync(collection: string, name: string, members: ConnectionMembers = {}): Promise<Sync> {
    const connection = await this.createConnection(collection, name, { status: "syncing", ...members });
    return { connection, job: await this.createJob(connection) };
  }

  /** Publishes as a worker does over HTTP. */
  async publish(job: string, progress: Progress): Promise<void> {
    await this.#send("POST", `/connect/jobs/${job}/progress`, progress);
  }

  /** How many event streams are open. */
  async openStreams(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(/^connect_streams_open (\d+)$/m.exec(text)?.[1]);
  }

  async #send(method: string, path: string, body: unknown): Promise<unknown> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json", "x-api-key": API_KEY },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}
