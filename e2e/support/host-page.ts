import type { TestContext } from "node:test";
import { Child } from "./child.js";
import { repositoryPath } from "./paths.js";
import { API_KEY, type Service } from "./service.js";

/** Starts the plain HTML example's own server at a port that the service allows, and gives the page's address. */
export async function startHostPage(
  t: TestContext,
  service: Service,
  settings: { port: number; collection: string; sessionSeconds: number },
): Promise<string> {
  const server = new Child("node", [repositoryPath("examples/html/server.mjs")], {
    CONNECT_URL: service.url,
    CONNECT_API_KEY: API_KEY,
    COLLECTION: settings.collection,
    SESSION_SECONDS: String(settings.sessionSeconds),
    PORT: String(settings.port),
  });
  t.after(() => server.kill());
  const [, url] = await server.said(/host page on (\S+)/);
  if (url === undefined) throw new Error("no address");
  return url;
}
