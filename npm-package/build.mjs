// Builds dist/: the JavaScript for browsers, its types, and the wasm beside it, so that the folder can be served as it is.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { slim } from "./slim/slim.mjs";

const here = new URL("./", import.meta.url);
const wasm = new URL("wasm/connect_widget_bg.wasm", here);

try {
  await stat(wasm);
} catch {
  console.error("npm-package/wasm/connect_widget_bg.wasm is missing: build the widget first (just widget)");
  process.exit(1);
}

const languages = (await readdir(new URL("src/", here))).filter((name) => name.startsWith("texts-"));
const dist = new URL("dist/", here);
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const glue = await slim(
  fileURLToPath(wasm),
  fileURLToPath(new URL("wasm/connect_widget.js", here)),
  fileURLToPath(new URL("connect_widget_bg.wasm", dist)),
);
await build({
  absWorkingDir: fileURLToPath(here),
  entryPoints: ["src/index.ts", "src/element.ts", ...languages.map((name) => `src/${name}`)],
  outdir: "dist",
  bundle: true,
  // `.` is the class of `./element` and its registration: whoever loads both gets one class.
  plugins: [
    {
      name: "one-element-module",
      setup: ({ onResolve }) => onResolve({ filter: /^\.\/element\.js$/ }, ({ path }) => ({ path, external: true })),
    },
    {
      name: "languages-on-demand",
      setup: ({ onResolve }) => onResolve({ filter: /^\.\/texts-/ }, ({ path }) => ({ path, external: true })),
    },
    {
      name: "slim-glue",
      setup: ({ onLoad }) => onLoad({ filter: /[/\\]connect_widget\.js$/ }, () => ({ contents: glue })),
    },
  ],
  format: "esm",
  target: "es2022",
  // Modules are UTF-8 always.
  charset: "utf8",
  minify: true,
  legalComments: "none",
});
execFileSync("tsc", ["--emitDeclarationOnly", "--outDir", "dist"], { cwd: here, stdio: "inherit" });
