import { fileURLToPath } from "node:url";

/** The repository, from e2e/dist/support. */
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A file or folder of the repository. */
export function repositoryPath(path: string): string {
  return `${root}${path}`;
}

/** The service's binary: of the debug build, unless the environment names another. */
export const SERVICE_BINARY = process.env["SSE_SERVICE_BIN"] ?? repositoryPath("target/debug/sse-service");

/** Where pictures are saved. */
export const PICTURES = repositoryPath("e2e/results/screenshots");
