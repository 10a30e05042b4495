// Serves the gallery, or another folder of files. Usage: gallery.mjs FOLDER [PORT]   any free one if it is 0; 8081 if not given
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };
const [folder, port = "8081"] = process.argv.slice(2);

const server = createServer(async ({ url }, response) => {
  const [path] = url.split("?", 1);
  const name = /^\/(?:[\w-]+\.\w+)?$/.exec(path)?.[0];
  try {
    if (name === undefined) throw new Error("no such name");
    const file = join(folder, name === "/" ? "index.html" : name);
    const content = await readFile(file);
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`gallery on http://127.0.0.1:${server.address().port}/`);
});
