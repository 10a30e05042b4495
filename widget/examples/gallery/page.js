// Stands in for the service, gets the texts of the npm package, and starts the gallery.
import { texts as arabic } from "/texts-ar.js";
import start from "./gallery.js";

const connection = (name, short_name, status, entity_count) => ({ id: name, name, short_name, status, entity_count, readable_collection_id: "gallery" });

/** What the service answers to whoever asks below an address; nothing where it never does. */
const lists = {
  "/empty": [200, []],
  "/load-error": [500, {}],
  "/expired": [401, {}],
  "/forbidden": [403, {}],
  "/list": [
    200,
    [
      connection("Wiki", "confluence", "active", 12_840),
      connection("Shared drive", "google_drive", "active", 1),
      connection("Mail archive of the whole support department", "gmail", "active", 1_234_567),
      connection("Calendar", "outlook_calendar", "pending_auth", 0),
      connection("Old forum", "postgresql", "inactive", 311),
    ],
  ],
};

const fetchFile = globalThis.fetch;
globalThis.fetch = (url, init) => {
  const [, state, path] = /^(\/[^/]*)(\/connect\/.*)$/.exec(new URL(url, location).pathname) ?? [];
  if (!path) return fetchFile(url, init);
  const answer = lists[state];
  return answer ? Promise.resolve(Response.json(answer[1], { status: answer[0] })) : new Promise(Boolean);
};

globalThis.texts = { ar: arabic };
await start();
