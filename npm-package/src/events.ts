/** How far a sync job is, as the service delivers it. Counts are entities and cumulative. */
export interface SyncProgress {
  /** Entities that are new in the destination. */
  inserted: number;
  /** Entities that had changed. */
  updated: number;
  /** Entities that are gone from the source. */
  deleted: number;
  /** Entities that had not changed. */
  kept: number;
  /** Entities that the worker passed over. */
  skipped: number;
  /** How many entities of each type were met so far. */
  entities_encountered: Record<string, number>;
  /** How many entities there will be in all, where the worker knows it. */
  total?: number;
  /** Where the job stands. */
  status: "created" | "pending" | "running" | "completed" | "failed" | "cancelling" | "cancelled";
  /** The job has come to a good end. */
  is_complete: boolean;
  /** The job has ended in any other way. */
  is_failed: boolean;
  /** The worker's message, plain text. Never put it into `innerHTML`. */
  error?: string;
}

/** The session was accepted and the list of connections is there. */
export interface ConnectReadyDetail {
  /** The session's id. */
  sessionId: string;
  /** The collection whose connections are shown. */
  collectionId: string;
  /** What the session may be used for. */
  mode: "all" | "connect" | "manage" | "reauth";
}

/** The widget as a whole has changed. */
export interface StatusChangeDetail {
  /** What it shows now. */
  status: "loading" | "ready" | "expired" | "error";
  /** Why, for a person. */
  message?: string;
}

/** One connection's sync went on, or came to its end. */
export interface SyncProgressDetail {
  /** The connection. */
  connectionId: string;
  /** Its running or just ended job. */
  jobId: string;
  /** The newest state of the job; on `sync-complete`, `status` tells completed from cancelled. */
  progress: SyncProgress;
}

/** One connection's sync failed, or could not be followed. */
export interface SyncErrorDetail {
  /** The connection. */
  connectionId: string;
  /** Its job, where one is known. */
  jobId?: string;
  /** The worker's message, plain text, or empty. Never put it into `innerHTML`. */
  message: string;
  /**
   * - `sync_failed`: the worker gave up.
   * - `no_job`: the connection has no job to follow.
   * - `session_expired`: the session has expired, and the host gave no other token.
   * - `refused`: the service does not let this session follow the sync.
   */
  code: "sync_failed" | "no_job" | "session_expired" | "refused";
}

/** The widget could not start or go on; its slotted content is shown in its place. */
export interface ConnectErrorDetail {
  /**
   * - `unsupported`: the browser has no WebAssembly.
   * - `unreachable`: the `.wasm` file could not be fetched.
   * - `not-compiled`: the browser refused it, for its content or by a content security policy.
   * - `not-started`: it was compiled and failed to start.
   * - `panicked`: it has stopped on an error of its own. It is started anew, unless that happens again and again.
   */
  cause: "unsupported" | "unreachable" | "not-compiled" | "not-started" | "panicked";
  /** What happened, for a developer. */
  message: string;
}

/** The end user has pressed the close button. */
export interface ConnectCloseDetail {
  /** `error` where the list could not be shown, else `cancel`. */
  reason: "cancel" | "error";
}

/** The widget's own events by name. All of them bubble and cross shadow roots. */
export interface ConnectWidgetEvents {
  "connect-ready": CustomEvent<ConnectReadyDetail>;
  "connect-error": CustomEvent<ConnectErrorDetail>;
  "status-change": CustomEvent<StatusChangeDetail>;
  "sync-progress": CustomEvent<SyncProgressDetail>;
  "sync-complete": CustomEvent<SyncProgressDetail>;
  "sync-error": CustomEvent<SyncErrorDetail>;
  close: CustomEvent<ConnectCloseDetail>;
}

declare global {
  // Of any element, since the events bubble. Other elements have a `close` of their own.
  interface HTMLElementEventMap extends Omit<ConnectWidgetEvents, "close"> {}
}
