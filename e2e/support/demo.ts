import type { TestContext } from "node:test";
import { Child } from "./child.js";
import { repositoryPath, SERVICE_BINARY } from "./paths.js";

/** Starts the demo at a free port and gives its page's address. */
export async function startDemo(t: TestContext): Promise<string> {
  const demo = new Child(SERVICE_BINARY, ["demo", "--listen", "127.0.0.1:0", "--assets", repositoryPath("npm-package/dist")]);
  t.after(() => demo.kill());
  const [url] = await demo.said(/(?<=demo on )http\S+/);
  return url;
}
