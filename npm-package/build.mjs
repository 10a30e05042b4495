// Builds dist/: the JavaScript for browsers, its types, and the wasm beside it, so that the folder can be served as it is.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { slim } from "./slim/slim.mjs";

const here = new URL("./", import.meta.url);
const wasm = new URL("wasm/connect_widget_bg.wasm", here);
const { version } = JSON.parse(await readFile(new URL("package.json", here), "utf8"));

try {
  await stat(wasm);
} catch {
  console.error("npm-package/wasm/connect_widget_bg.wasm is missing: build the widget first (just widget)");
  process.exit(1);
}

const dist = new URL("dist/", here);
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const slimWasm = new URL("connect_widget_bg.wasm", dist);
const glue = await slim(fileURLToPath(wasm), fileURLToPath(new URL("wasm/connect_widget.js", here)), fileURLToPath(slimWasm));

/** Modules that are made, not written. */
const made = {
  name: "made",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^widget-(glue|wasm)$/ }, ({ path }) => ({ path, namespace: "made" }));
    onLoad({ filter: /^widget-glue$/, namespace: "made" }, () => ({ contents: glue }));
    onLoad({ filter: /^widget-wasm$/, namespace: "made" }, async () => ({ contents: await readFile(slimWasm), loader: "binary" }));
  },
};

/** Entries that others build upon: whoever loads two gets one class. And languages, each loaded on demand. */
const shared = {
  name: "shared-modules",
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/(index|element|texts-\w+)\.js$/ }, ({ path }) => ({ path, external: true })),
};

const languages = (await readdir(new URL("src/", here))).filter((name) => name.startsWith("texts-"));
const entries = ["index", "element", "inline", "headless", "react", "vue", "svelte", ...languages.map((name) => name.replace(".ts", ""))];
const { outputFiles } = await build({
  absWorkingDir: fileURLToPath(here),
  entryPoints: entries.map((name) => `src/${name}.ts`),
  outdir: "dist",
  bundle: true,
  external: ["react", "vue"],
  plugins: [shared, made],
  define: { __VERSION__: JSON.stringify(version) },
  format: "esm",
  target: "es2022",
  // Modules are UTF-8 always.
  charset: "utf8",
  minify: true,
  legalComments: "none",
  write: false,
});
for (const { path, text } of outputFiles) {
  // Minified away, and without it Next.js would take the component for one of the server's.
  const directive = path.endsWith("/react.js") ? '"use client";\n' : "";
  await writeFile(path, directive + text);
}
await writeFile(new URL("connect-widget.css", dist), await stylesheet());
execFileSync("tsc", ["--emitDeclarationOnly", "--outDir", "dist"], { cwd: here, stdio: "inherit" });
execFileSync("cem", ["analyze"], { cwd: here, stdio: "inherit" });

/** The styles as the wasm gives them. */
async function stylesheet() {
  const { createGlue } = await import(`data:text/javascript,${encodeURIComponent(glue)}`);
  const instance = createGlue((exports) => exports);
  instance.start(await WebAssembly.instantiate(await WebAssembly.compile(await readFile(slimWasm)), instance.imports()));
  return instance.stylesheet();
}
