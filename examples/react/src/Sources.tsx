import { ConnectWidget } from "connect-widget/react";
import { useState } from "react";

async function getSessionToken(): Promise<string> {
  const answer = await fetch("/session", { method: "POST" });
  return (await answer.json()).session_token;
}

export function Sources() {
  const [ready, setReady] = useState(0);
  return (
    <>
      <h1>Sources</h1>
      <ConnectWidget
        apiUrl="http://127.0.0.1:8080"
        getSessionToken={getSessionToken}
        onSyncComplete={({ detail: { progress } }) => setReady(progress.inserted + progress.updated + progress.kept)}
      >
        <p>Your sources will appear here.</p>
      </ConnectWidget>
      <p role="status">{ready > 0 && `${ready.toLocaleString("en")} items are ready to search.`}</p>
    </>
  );
}
