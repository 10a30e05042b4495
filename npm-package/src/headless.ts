// The progress client without any UI, and without WebAssembly: for browsers, workers and servers.
import type { SyncProgress } from "./events.js";
import { EventStreamParser, type StreamItem } from "./event-stream.js";
import { fetchShared } from "./sharing.js";

export type { SyncProgress } from "./events.js";

/** Where the service is, and who asks. */
export interface FollowOptions {
  /** Where `sse-service` is; the page's own origin if not given. */
  apiUrl?: string;
  /** The end user's session token. */
  sessionToken?: string;
  /** Called for a session token when there is none yet, and when the one in use has expired. */
  getSessionToken?: () => Promise<string>;
  /** Ends it: the loop over it then throws the signal's reason, as `fetch` does. */
  signal?: AbortSignal;
  /** For how many seconds to wait for a job where none is running, at most 3600. Without it, having none is an error. */
  wait?: number;
  /** Whether it keeps its stream to itself. In browsers it otherwise shares it with the session's other tabs and widgets. */
  alone?: boolean;
}

/** The newest state of a connection's sync. */
export interface SyncUpdate {
  jobId: string;
  progress: SyncProgress;
}

/** A sync that cannot be followed, or not any more. */
export class FollowError extends Error {
  override readonly name = "FollowError";

  constructor(
    /**
     * - `no_job`: the connection has no job, or there is no such connection.
     * - `session_expired`: the session has ended, and there is no other token.
     * - `refused`: the service does not let this session follow the sync.
     */
    readonly code: "no_job" | "session_expired" | "refused",
    message: string,
  ) {
    super(message);
  }
}

/** Between two attempts, in milliseconds: where the service has not said how long, and at most. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** How long an answer may take, in milliseconds, and silence until the service has said how often heartbeats come. */
const PATIENCE_MS = 45_000;

/**
 * Follows a connection's sync to the end of its job.
 *
 * Streams that are lost are taken up again where they were. Progress is cumulative: whoever takes long over an update is
 * told the newest state next, and the last one is never left out.
 *
 * @throws FollowError where it cannot be followed
 */
export async function* followSync(connectionId: string, options: FollowOptions = {}): AsyncGenerator<SyncUpdate, void, undefined> {
  const { signal } = options;
  const state: State = { token: options.sessionToken, jobId: "", lastEventId: "", pause: PAUSE_MS, patience: PATIENCE_MS };
  for (let failures = 0; ; failures += 1) {
    signal?.throwIfAborted();
    try {
      for await (const update of stream(connectionId, options, state)) {
        failures = 0;
        yield update;
        if (update.progress.is_complete || update.progress.is_failed) return;
      }
      if (state.isOver) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FollowError) throw error;
      // What a network does: tried again.
    }
    const spread = failures === 0 ? 1 : 0.5 + Math.random();
    await sleep(Math.min(state.pause * 2 ** failures, MAX_PAUSE_MS) * spread, signal);
  }
}

/** What is kept between two streams. */
interface State {
  token: string | undefined;
  jobId: string;
  lastEventId: string;
  pause: number;
  patience: number;
  isOver?: boolean;
}

/** One stream, as long as it lasts. */
async function* stream(connectionId: string, options: FollowOptions, state: State): AsyncGenerator<SyncUpdate> {
  const stop = new AbortController();
  options.signal?.addEventListener("abort", () => { stop.abort(options.signal?.reason); }, { signal: stop.signal });
  try {
    const response = await connect(connectionId, options, state, stop.signal);
    if (!response?.body) {
      state.isOver = true;
      return;
    }
    const parser = new EventStreamParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      // Only what comes while somebody waits for it can be late.
      const { done, value } = await within(state.patience, reader.read());
      if (done) return;
      let newest: SyncUpdate | undefined;
      for (const item of parser.push(value)) newest = take(item, state) ?? newest;
      if (newest) yield newest;
    }
  } finally {
    stop.abort();
  }
}

/** The stream's response; none when all has been told. */
async function connect(id: string, options: FollowOptions, state: State, signal: AbortSignal): Promise<Response | undefined> {
  for (let isRenewed = false; ; isRenewed = true) {
    state.token ??= await options.getSessionToken?.();
    const response = await within(PATIENCE_MS, request(id, options, state, signal));
    if (response.status === 204) return undefined;
    if (response.ok) return response;
    if (response.status === 401 && options.getSessionToken && !isRenewed) {
      state.token = undefined;
      continue;
    }
    const after = Number(response.headers.get("retry-after"));
    if (after > 0) state.pause = after * 1_000;
    throw refusal(response.status);
  }
}

function request(id: string, { apiUrl = "", wait, alone }: FollowOptions, state: State, signal: AbortSignal): Promise<Response> {
  const query = wait === undefined ? "" : `?wait=${String(wait)}`;
  return (alone ? fetch : fetchShared)(`${apiUrl.replace(/\/+$/, "")}/connect/source-connections/${encodeURIComponent(id)}/subscribe${query}`, {
    headers: {
      Accept: "text/event-stream",
      ...(state.token !== undefined && { Authorization: `Bearer ${state.token}` }),
      ...(state.lastEventId && { "Last-Event-ID": state.lastEventId }),
    },
    cache: "no-store",
    signal,
  });
}

function refusal(status: number): Error {
  if (status === 401) return new FollowError("session_expired", "The session has ended.");
  if (status === 404) return new FollowError("no_job", "The connection has no job.");
  const isForGood = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isForGood ? new FollowError("refused", `The service answers ${String(status)}.`) : new Error(String(status));
}

/** Takes one item into account; the update that it tells, if it does. Whatever cannot be read is passed over. */
function take({ data, lastEventId, retry }: StreamItem, state: State): SyncUpdate | undefined {
  if (retry !== undefined) state.pause = retry;
  if (data === undefined) return undefined;
  const message = parse(data);
  switch (message?.["type"]) {
    case "connected":
      if (typeof message["job_id"] !== "string") return undefined;
      if (message["job_id"] !== state.jobId) state.lastEventId = "";
      state.jobId = message["job_id"];
      if (Number(message["heartbeat_seconds"]) > 0) state.patience = Number(message["heartbeat_seconds"]) * 1_500;
      return undefined;
    case "error":
      throw failure(message, state);
    case undefined:
      state.lastEventId = lastEventId ?? state.lastEventId;
      return message && { jobId: state.jobId, progress: progress(message) };
    default:
      return undefined;
  }
}

type Message = Record<string, unknown>;

function parse(data: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}

function failure(message: Message, state: State): Error {
  const text = typeof message["message"] === "string" ? message["message"] : "The stream has ended.";
  switch (message["code"]) {
    case "session_expired":
      // Another one is asked for; without a way to do so the answer will be 401.
      state.token = undefined;
      state.pause = 0;
      return new Error(text);
    case "session_revoked":
      return new FollowError("session_expired", text);
    case "access_lost":
      return new FollowError("refused", text);
    default:
      return new Error(text);
  }
}

/** Workers and services of the older generation leave things out. */
function progress(message: Message): SyncProgress {
  const count = (name: string) => Number(message[name] ?? 0) || 0;
  const isFailed = message["is_failed"] === true || message["status"] === "failed" || message["status"] === "cancelled";
  const isComplete = !isFailed && (message["is_complete"] === true || message["status"] === "completed");
  const status = message["status"] ?? (isFailed ? "failed" : isComplete ? "completed" : "running");
  return {
    inserted: count("inserted"),
    updated: count("updated"),
    deleted: count("deleted"),
    kept: count("kept"),
    skipped: count("skipped"),
    entities_encountered: (message["entities_encountered"] ?? {}) as SyncProgress["entities_encountered"],
    ...(message["total"] !== undefined && message["total"] !== null && { total: count("total") }),
    status: status as SyncProgress["status"],
    is_complete: isComplete,
    is_failed: isFailed,
    ...(typeof message["error"] === "string" && { error: message["error"] }),
  };
}

function within<T>(millis: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("silent for too long"));
    }, millis);
  });
  return Promise.race([promise, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Throws the signal's reason when it is aborted meanwhile. */
function sleep(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, millis);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
