import { memo, useEffect, useState } from "react";
import { follow, type Progress } from "./follow.js";

interface Connection {
  id: string;
  name: string;
  short_name: string;
  status: string;
}

/** Follows the syncing connections of the session's collection. */
export function List({ api, token }: { api: string; token: string }) {
  const [connections, setConnections] = useState<Connection[]>([]);
  const [syncs, setSyncs] = useState<ReadonlyMap<string, Progress>>(new Map());
  useEffect(() => {
    const abort = new AbortController();
    void load(api, token, abort.signal).then((connections) => {
      if (abort.signal.aborted) return;
      setConnections(connections);
      const syncing = connections.filter(({ status }) => status === "syncing").map(({ id }) => id);
      follow(api, token, syncing, abort.signal, (id, progress) => {
        setSyncs((syncs) => new Map(syncs).set(id, progress));
      });
    });
    return () => {
      abort.abort();
    };
  }, [api, token]);
  return (
    <ul className="list">
      {connections.map((connection) => (
        <Row key={connection.id} connection={connection} progress={syncs.get(connection.id)} />
      ))}
    </ul>
  );
}

async function load(api: string, token: string, signal: AbortSignal): Promise<Connection[]> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${api}/connect/source-connections`, { headers, signal }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as Connection[]) : [];
}

/** Renders again only when it has something else to show. */
const Row = memo(function Row({ connection, progress }: { connection: Connection; progress: Progress | undefined }) {
  return (
    <li className="row" data-state={progress ? "syncing" : connection.status}>
      <span className="avatar" aria-hidden="true">
        {connection.name.slice(0, 1)}
      </span>
      <span className="name">{connection.name}</span>
      {progress ? <Indicator progress={progress} /> : <span className="status">{connection.status}</span>}
    </li>
  );
});

const number = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, { style: "percent" });

function Indicator({ progress: { inserted, updated, kept, total } }: { progress: Progress }) {
  const synced = inserted + updated + kept;
  const part = total ? Math.min(synced / total, 1) : undefined;
  return (
    <span className="indicator">
      <span className="count">{number.format(synced)} synced</span>
      {part !== undefined && <span className="percent">{percent.format(part)}</span>}
      <span className="bar" role="progressbar" aria-valuenow={part === undefined ? undefined : Math.round(part * 100)}>
        <span className="filled" style={{ transform: `scaleX(${part ?? 0})` }} />
      </span>
    </span>
  );
}
