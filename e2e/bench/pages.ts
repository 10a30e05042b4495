// The pages that are measured: the widget's, and the same list in React.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { build } from "esbuild";
import { repositoryPath } from "../support/paths.js";

const DIST = repositoryPath("npm-package/dist/");
const TYPES: Record<string, string> = { css: "text/css", js: "text/javascript", wasm: "application/wasm" };

/** A page that begins when it is asked to, so that what is measured then is not what any page costs. */
const page = (script: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sources</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/list.css"></head>
<body><main><div id="app"></div></main><script>globalThis.begin = () => import("${script}");</script></body>
</html>`;

const WIDGET = page("/widget.js");
const REACT = page("/react.js");

// Both pages are told where the service is, and whose token, behind the address's hash.
const WIDGET_SCRIPT = `import "/connect-widget/index.js";
const settings = new URLSearchParams(location.hash.slice(1));
const widget = document.createElement("connect-widget");
widget.apiUrl = settings.get("api");
widget.sessionToken = settings.get("token");
document.getElementById("app").append(widget);`;

const STYLES = `main { max-width: 40rem; margin: 0 auto; font: 14px system-ui, sans-serif }
.list { list-style: none; margin: 0; padding: 0 }
.row { display: flex; gap: 12px; align-items: center; padding: 12px; border-bottom: 1px solid #ddd }
.avatar { width: 32px; height: 32px; line-height: 32px; text-align: center; border-radius: 8px; background: #eee }
.name { flex: 1; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.indicator { width: 14rem; display: grid; grid-template-columns: 1fr auto; gap: 4px; font-variant-numeric: tabular-nums }
.bar { grid-column: 1 / 3; height: 4px; overflow: hidden; border-radius: 2px; background: #ddd }
.filled { display: block; height: 100%; background: #2563eb; transform-origin: left }`;

/** Serves both pages, `/widget` and `/react`, and gives the origin. */
export async function servePages(t: TestContext): Promise<string> {
  const react = await bundle();
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "", "http://host").pathname;
    const given: Record<string, [string, string]> = {
      "/widget": ["text/html", WIDGET],
      "/react": ["text/html", REACT],
      "/widget.js": ["text/javascript", WIDGET_SCRIPT],
      "/react.js": ["text/javascript", react],
      "/list.css": ["text/css", STYLES],
    };
    void answer(given[path], path).then(
      ([type, body]) => response.writeHead(200, { "content-type": type, "cache-control": "max-age=600" }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  t.after(() => { server.closeAllConnections(); });
  t.after(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${String(portOf(server))}`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answer(given: [string, string] | undefined, path: string): Promise<[string, string | Buffer]> {
  if (given) return given;
  const name = /^\/connect-widget\/([\w.-]+)$/.exec(path)?.[1] ?? "";
  return [TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream", await readFile(DIST + name)];
}

/** The React page's script, as for production. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [repositoryPath("e2e/bench/react-page/main.tsx")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0]?.text ?? "";
}
