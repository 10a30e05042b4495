// Prints what a visitor downloads of the widget: raw, gzip and brotli.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../npm-package/dist", import.meta.url));
if (!existsSync(dist)) {
  console.error("error: npm-package/dist is missing; `just widget` builds it");
  process.exit(1);
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
const row = (name, sizes) => console.log(name.padEnd(36), ...sizes.map(kilobytes));

const isLanguage = (name) => name.startsWith("texts-");
// What `connect-widget` loads. Other entries are for other hosts.
const files = ["index.js", "element.js", "connect_widget_bg.wasm"];
files.push(...readdirSync(dist).filter((name) => isLanguage(name) && name.endsWith(".js")));
const [total, language] = [
  [0, 0, 0],
  [0, 0, 0],
];
console.log("".padEnd(36), ...["raw", "gzip", "brotli"].map((title) => title.padStart(10)));
for (const name of files) {
  const content = readFileSync(join(dist, name));
  const sizes = [content, gzipSync(content, { level: 9 }), brotliCompressSync(content)].map((data) => data.length);
  row(name, sizes);
  sizes.forEach((size, column) => {
    if (isLanguage(name)) language[column] = Math.max(language[column], size);
    else total[column] += size;
  });
}
row(
  "together, with one language",
  total.map((size, column) => size + language[column]),
);
