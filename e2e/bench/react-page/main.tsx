// What a team would write for itself with React and fetch-event-source: a list whose rows show their syncs live.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { List } from "./list.js";

const settings = new URLSearchParams(location.hash.slice(1));
const root = document.getElementById("app");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <List api={settings.get("api") ?? ""} token={settings.get("token") ?? ""} />
    </StrictMode>,
  );
}
