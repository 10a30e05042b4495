import type { TestContext } from "node:test";
import { Child } from "./child.js";
import { repositoryPath } from "./paths.js";
import { API_KEY, type Service } from "./service.js";

/** A host's own server: a program for Node that listens at the port in the variable PORT. */
export interface HostServer {
  args: string[];
  env?: NodeJS.ProcessEnv;
  /** What it says when it listens. */
  ready: RegExp;
}

/** The server of a folder with a host's built page; of the plain HTML example's if none is given. */
export function plainServer({ from = repositoryPath("examples/html"), folder = "", trustedTypes = "'none'" } = {}): HostServer {
  return {
    args: [`${from}/server.mjs`, ...(folder ? [folder] : [])],
    env: { TRUSTED_TYPES: trustedTypes },
    ready: /host page on /,
  };
}

/** Starts a host's server at a port that the service allows, and gives the page's address. */
export async function startHostPage(
  t: TestContext,
  service: Service,
  server: HostServer,
  settings: { port: number; collection: string; sessionSeconds: number },
): Promise<string> {
  const child = new Child("node", server.args, {
    ...server.env,
    CONNECT_URL: service.url,
    CONNECT_API_KEY: API_KEY,
    COLLECTION: settings.collection,
    SESSION_SECONDS: String(settings.sessionSeconds),
    PORT: String(settings.port),
  });
  t.after(() => child.kill());
  await child.said(server.ready);
  return `http://127.0.0.1:${settings.port}/`;
}
