/**
 * How connections are followed: each with a stream of its own, or all on one. Empty: up to three have their own, more of
 * them share one.
 */
export type StreamMode = "" | "single" | "shared";

export function isStreamMode(text: string): text is StreamMode {
  return text === "single" || text === "shared";
}
