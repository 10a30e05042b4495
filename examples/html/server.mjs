// A host's server in its smallest form: it serves the page and the widget, and gets session tokens for its users.
// The API key stays here; browsers only ever see short-lived session tokens.
//
// Usage: server.mjs [FOLDER], where FOLDER holds the built page of another host, with its widget in it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Where pages and scripts say that the service is; the PUBLIC_URL takes its place. */
const DEFAULT_SERVICE = "http://127.0.0.1:8080";

const {
  CONNECT_URL = DEFAULT_SERVICE,
  PUBLIC_URL = CONNECT_URL,
  CONNECT_API_KEY,
  COLLECTION = "acme",
  SESSION_SECONDS = "600",
  TRUSTED_TYPES = "'none'",
  HOST = "127.0.0.1",
  PORT = "3000",
} = process.env;

if (!CONNECT_API_KEY) {
  console.error("Set CONNECT_API_KEY to one of the service's API keys.");
  process.exit(1);
}

const [folder] = process.argv.slice(2);
const FOLDERS = folder
  ? { "/": pathToFileURL(`${resolve(folder)}/`) }
  : {
      "/": new URL("public/", import.meta.url),
      "/connect-widget/": new URL("./", import.meta.resolve("connect-widget")),
    };
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

/** No inline script or style, nothing from elsewhere, and no text that turns into markup or code. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  `connect-src 'self' ${PUBLIC_URL}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${TRUSTED_TYPES}`,
].join("; ");

/**
 * A token for the user who is signed in. A real host takes the user and their collection from its own login, never
 * from the request's body.
 */
async function createSession() {
  const answer = await fetch(`${CONNECT_URL}/connect/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": CONNECT_API_KEY },
    body: JSON.stringify({ readable_collection_id: COLLECTION, ttl_seconds: Number(SESSION_SECONDS) }),
  });
  if (!answer.ok) throw new Error(`the service answers ${answer.status} to POST /connect/sessions`);
  return answer.json();
}

/** A file of one of the folders. Only plain names are looked up, so no path leads out of them. */
async function readPublic(path) {
  if (!/^\/(?:[\w-]+\/)*(?:[\w-]+(?:\.[\w-]+)+)?$/.test(path)) return undefined;
  const prefix = Object.keys(FOLDERS).findLast((start) => path.startsWith(start));
  const file = new URL(path.slice(prefix.length) || "index.html", FOLDERS[prefix]);
  const type = TYPES[extname(file.pathname)];
  const bytes = type && (await readFile(file).catch(() => undefined));
  return bytes && { type, body: /html|javascript/.test(type) ? bytes.toString().replaceAll(DEFAULT_SERVICE, PUBLIC_URL) : bytes };
}

async function answer(request, response) {
  const path = request.url.split("?")[0];
  if (request.method === "POST" && path === "/session") {
    const session = await createSession();
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(session));
    return;
  }
  const file = request.method === "GET" ? await readPublic(path) : undefined;
  response.writeHead(file ? 200 : 404, {
    "content-type": file?.type ?? "text/plain",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
  });
  response.end(file?.body ?? "not found");
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error.message);
    response.writeHead(502).end();
  });
});
server.listen(Number(PORT), HOST, () => {
  console.log(`host page on http://${HOST}:${server.address().port}/`);
});
