import "/connect-widget/index.js";

const EVENTS = ["connect-ready", "connect-error", "status-change", "sync-progress", "sync-complete", "sync-error"];
const LINES = 100;

const widget = document.querySelector("connect-widget");
const events = document.querySelector("#events");

widget.getSessionToken = async () => {
  const answer = await fetch("/demo/session", { method: "POST" });
  if (!answer.ok) throw new Error(`no session: ${answer.status}`);
  return (await answer.json()).session_token;
};

for (const radio of document.querySelectorAll("[name=theme]")) {
  radio.addEventListener("change", () => {
    document.documentElement.dataset.theme = radio.value;
    widget.theme = radio.value;
  });
}

for (const name of EVENTS) widget.addEventListener(name, ({ detail }) => log(name, detail));

/** Adds a line at the top; a connection's progress goes on in the line that it has, until something else happened to it. */
function log(name, detail) {
  const { connectionId = "" } = detail ?? {};
  const latest = [...events.children].find((line) => line.dataset.connection === connectionId);
  const line = connectionId && name === "sync-progress" && latest?.dataset.name === name ? latest : newLine(name, connectionId);
  line.querySelector("time").textContent = new Date().toLocaleTimeString("en-GB");
  line.lastChild.textContent = describe(name, detail);
}

function newLine(name, connectionId) {
  const line = document.createElement("li");
  line.className = name;
  line.dataset.name = name;
  line.dataset.connection = connectionId;
  const title = document.createElement("span");
  title.textContent = name;
  line.append(document.createElement("time"), title, document.createElement("span"));
  events.prepend(line);
  while (events.children.length > LINES) events.lastChild.remove();
  return line;
}

function describe(name, detail) {
  const { connectionId, progress, message, status, cause, collectionId } = detail ?? {};
  const synced = progress && progress.inserted + progress.updated + progress.kept + progress.skipped;
  return [
    connectionId?.slice(0, 8),
    synced === undefined ? undefined : `${synced.toLocaleString("en")} synced`,
    name === "sync-complete" ? progress.status : status,
    collectionId,
    cause,
    message,
  ]
    .filter(Boolean)
    .join(" · ");
}
