import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { repositoryPath } from "./paths.js";

/** The pictures that things are compared with, which docs/widget.md shows. */
const KEPT = repositoryPath("docs/images/gallery");

/** Where pictures that differ are put, with what differs. */
const RESULTS = repositoryPath("e2e/results/gallery");

/** How much of a picture may differ: another version of the browser smooths edges otherwise. */
const TOLERANCE = 0.005;

/** Fails where a picture is another one than the one that is kept; with KEEP_PICTURES=1 keeps it in its place. */
export async function isAsKept(name: string, picture: Buffer): Promise<void> {
  const path = join(KEPT, `${name}.png`);
  const actual = PNG.sync.read(picture);
  const kept = await readFile(path).then((file) => PNG.sync.read(file), () => undefined);
  const { width, height } = actual;
  const difference = new PNG({ width, height });
  let share = 1;
  if (kept?.width === width && kept.height === height) {
    share = pixelmatch(kept.data, actual.data, difference.data, width, height, { threshold: 0.1 }) / (width * height);
  }
  if (share <= TOLERANCE) return;
  if (process.env["KEEP_PICTURES"] === "1") {
    await mkdir(KEPT, { recursive: true });
    await writeFile(path, picture);
    return;
  }
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, `${name}.png`), picture);
  await writeFile(join(RESULTS, `${name}-difference.png`), PNG.sync.write(difference));
  const what = kept ? `${(share * 100).toFixed(1)} % differ, or its size does` : "there is none";
  assert.fail(`${name}: ${what}. It is in ${RESULTS}; \`just gallery-update\` keeps it, if it is as it should be.`);
}
