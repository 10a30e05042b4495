"use client";

import { ConnectWidget } from "connect-widget/react";
import { useState } from "react";

async function getSessionToken(): Promise<string> {
  const answer = await fetch("/session", { method: "POST" });
  return (await answer.json()).session_token;
}

export function Sources({ apiUrl }: { apiUrl: string }) {
  const [ready, setReady] = useState(0);
  return (
    <>
      <ConnectWidget
        apiUrl={apiUrl}
        getSessionToken={getSessionToken}
        onSyncComplete={({ detail: { progress } }) => setReady(progress.inserted + progress.updated + progress.kept)}
      >
        <p>Your sources will appear here.</p>
      </ConnectWidget>
      <p role="status">{ready > 0 && `${ready.toLocaleString("en")} items are ready to search.`}</p>
    </>
  );
}
