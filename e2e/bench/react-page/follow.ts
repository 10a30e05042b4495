import { fetchEventSource } from "@microsoft/fetch-event-source";

/** What a worker has said. */
export interface Progress {
  inserted: number;
  updated: number;
  kept: number;
  total?: number;
  source_connection_id: string;
}

/** The most connections on one stream. */
const MOST_ON_ONE = 50;

/** Tells of each message of these connections' jobs until it is aborted. */
export function follow(
  api: string,
  token: string,
  connections: string[],
  signal: AbortSignal,
  tell: (connection: string, progress: Progress) => void,
): void {
  for (let at = 0; at < connections.length; at += MOST_ON_ONE) {
    const ids = connections.slice(at, at + MOST_ON_ONE).map((id) => `connection_id=${id}`);
    void fetchEventSource(`${api}/connect/subscribe?${ids.join("&")}`, {
      headers: { authorization: `Bearer ${token}` },
      signal,
      openWhenHidden: true,
      onmessage({ data }) {
        const message = JSON.parse(data) as Partial<Progress> & { type?: string };
        if (message.type === undefined && message.source_connection_id !== undefined) tell(message.source_connection_id, message as Progress);
      },
    });
  }
}
