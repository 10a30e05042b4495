// One event stream for all tabs and widgets of a session that follow the same: whoever holds the stream's Web Lock asks the
// service and passes on what comes, the others listen. When the holder goes, however it goes, the browser gives the lock to
// the next of them.

/** How long whoever holds a lock may take to say that it is there, in milliseconds. A frozen tab does not. */
const ANSWER_MS = 2_000;

/** The most that is kept of a message whose end has not come, in characters. */
const MOST_KEPT = 1_000_000;

/** What goes over the channel: whole messages of the stream, to one listener or all; or a listener's request for the latest. */
interface Passed {
  to?: string;
  from?: string;
  text?: string;
}

/**
 * As `fetch`, for an event stream that may be shared. Where the browser cannot share, and for tokens that name no session,
 * it is `fetch`. The token itself stays here: only what the service has sent for the session goes over to its other tabs.
 */
export async function fetchShared(url: string, init: RequestInit): Promise<Response> {
  const session = sessionOf(new Headers(init.headers).get("Authorization"));
  // Browsers leave the locks out of pages that came unencrypted; servers have no page.
  const canShare = "location" in globalThis && "locks" in navigator && "BroadcastChannel" in globalThis;
  if (!session || !canShare) return fetch(url, init);
  const place = new URL(url, globalThis.location.href);
  place.searchParams.delete("seen");
  place.searchParams.sort();
  return new SharedStream(url, init, `connect ${session} ${place.href}`).response;
}

/** The session that a token belongs to, as it says itself: only the service can tell whether that is true. */
function sessionOf(authorization: string | null): string {
  try {
    const payload = /^Bearer ([\w-]+)\./.exec(authorization ?? "")?.[1] ?? "";
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { sid?: unknown };
    return typeof claims.sid === "string" ? claims.sid : "";
  } catch {
    return "";
  }
}

/** One tab's or widget's part of a shared stream. */
class SharedStream {
  readonly response: Promise<Response>;
  readonly #channel: BroadcastChannel;
  readonly #id = Math.random().toString(36);
  /** The newest messages of each kind and connection: what somebody who comes later is told, and where to go on. */
  readonly #latest = new Map<string, string>();
  readonly #encoder = new TextEncoder();
  /** The answer of whoever has heard from a stream. */
  readonly #shared: Response;
  #answer!: (response: Response) => void;
  #refuse!: (error: unknown) => void;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  readonly #stop = new AbortController();
  #isLeader = false;
  /** Whether there are others, as far as is known here: to copy each message for nobody would cost more than to show it. */
  #hasCompany = false;

  constructor(
    readonly url: string,
    readonly init: RequestInit,
    readonly name: string,
  ) {
    this.response = new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
    });
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#end();
      },
    });
    this.#shared = new Response(body, { headers: { "content-type": "text/event-stream" } });
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Passed>) => {
      this.#hear(data);
    };
    const { signal } = init;
    if (signal?.aborted) this.#end();
    signal?.addEventListener("abort", () => {
      this.#end();
    }, { signal: this.#stop.signal });
    void this.#join();
  }

  /** Leads where nobody does, or whoever does is silent; else waits for its turn. */
  async #join(): Promise<void> {
    await this.#hold({ ifAvailable: true });
    if (this.#stop.signal.aborted) return;
    this.#hasCompany = true;
    void this.#hold({ signal: this.#stop.signal });
    const late = setTimeout(() => void this.#hold({ steal: true }), ANSWER_MS);
    const isAnswered = () => {
      clearTimeout(late);
    };
    this.response.then(isAnswered, isAnswered);
    this.#send({ from: this.#id });
  }

  /** Leads for as long as the lock is held. */
  async #hold(options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(this.name, options, async (lock) => {
        if (lock && !this.#stop.signal.aborted && !this.#isLeader) await this.#lead();
      });
    } catch {
      // Stolen from a tab that was frozen.
      if (this.#isLeader) this.#end();
      // Where nothing can be locked, each has its own. To give up waiting is no news.
      else if (!this.#stop.signal.aborted) await this.#lead();
    }
  }

  async #lead(): Promise<void> {
    this.#isLeader = true;
    try {
      const response = await fetch(...this.#request());
      if (!response.ok || response.status === 204 || !response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
        this.#answer(response);
        return;
      }
      this.#answer(this.#shared);
      await this.#read(response.body);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#end();
    }
  }

  /** The request, for somebody who has heard what was heard so far. */
  #request(): [URL, RequestInit] {
    const url = new URL(this.url, globalThis.location.href);
    const headers = new Headers(this.init.headers);
    const ids = [...this.#latest.values()].map((message) => /^id: ?([!-~]+)$/m.exec(message)?.[1] ?? "").filter(Boolean);
    if (ids.length > 0 && !url.searchParams.has("connection_id")) headers.set("Last-Event-ID", ids.join());
    else if (ids.length > 0) {
      url.searchParams.delete("seen");
      for (const id of ids) url.searchParams.append("seen", id);
    }
    return [url, { ...this.init, headers, signal: this.#stop.signal }];
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#give(value);
      rest += decoder.decode(value, { stream: true });
      // Somebody who joins in the middle of a message could not read it.
      const end = rest.length > MOST_KEPT ? rest.length : /^[^]*\n\r?\n/.exec(rest)?.[0].length ?? 0;
      if (end === 0) continue;
      const text = rest.slice(0, end);
      rest = rest.slice(end);
      if (this.#hasCompany) this.#send({ text });
      this.#keep(text);
    }
  }

  #hear({ to, from, text }: Passed): void {
    // Also where this one is about to lead and does not know it yet.
    if (from !== undefined) this.#hasCompany = true;
    if (from !== undefined && this.#isLeader) this.#send({ to: from, text: [...this.#latest.values()].join("") });
    if (text === undefined || this.#isLeader || (to !== undefined && to !== this.#id)) return;
    this.#answer(this.#shared);
    this.#keep(text);
    this.#give(this.#encoder.encode(text));
  }

  #keep(text: string): void {
    for (const message of text.match(/[^]+?\n\r?\n/g) ?? []) {
      const [about, type] = kindOf(message);
      if (type === "connected") this.#latest.delete(about);
      if (type === "" || type === "connected") this.#latest.set(about + type, message);
    }
  }

  #give(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > 0 && !this.#stop.signal.aborted) this.#controller.enqueue(bytes);
  }

  #send(passed: Passed): void {
    if (!this.#stop.signal.aborted) this.#channel.postMessage(passed);
  }

  /** Lets go of everything. */
  #end(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#channel.close();
    this.#refuse(new DOMException("", "AbortError"));
    try {
      this.#controller.close();
    } catch {
      // Cancelled.
    }
  }
}

/**
 * The connection that a message is about, where it says so, and its type; that of progress is empty. Looked for in the text,
 * as most messages are parsed by the widget right after: within JSON's strings, and so in what a worker has written, these
 * quotation marks would be escaped.
 */
function kindOf(message: string): [string, string] {
  return [/"source_connection_id": ?"(.*?)"/, /"type": ?"(.*?)"/].map((member) => member.exec(message)?.[1] ?? "") as [string, string];
}
