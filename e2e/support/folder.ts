import type { TestContext } from "node:test";
import { Child } from "./child.js";
import { repositoryPath } from "./paths.js";

/** Serves a folder of built files, at any free port unless one is given, and gives its address. */
export async function serveFolder(t: TestContext, folder: string, port = 0): Promise<string> {
  const server = new Child(process.execPath, [repositoryPath("scripts/gallery.mjs"), folder, String(port)]);
  t.after(() => server.kill());
  const [url] = await server.said(/(?<=gallery on )http\S+/);
  return url;
}
