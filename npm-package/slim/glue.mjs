// Fits wasm-bindgen's JavaScript to a wasm whose imports and exports have other names, and fewer of them.

/** One import in the glue: its name, and its function up to the line that ends it. */
const IMPORT = /^ {8}(\w+): (function[^]*?\n {8}\}.*),\n/gm;

/**
 * The glue with the names that wasm-opt has made up, without imports that the wasm no longer has.
 *
 * @param names what wasm-opt says when it minifies imports, exports and modules
 */
export function renamed(glue, { imports, exports }) {
  const modules = [...new Set(imports.map(([module]) => module))];
  if (modules.length !== 1) throw new Error(`the wasm imports from ${modules.join(", ")}`);
  const wanted = new Map(imports.map(([, name, short]) => [name, short]));
  let text = glue.replaceAll(IMPORT, (_, name, code) => {
    const short = wanted.get(name);
    wanted.delete(name);
    return short === undefined ? "" : `        ${short}: ${code},\n`;
  });
  if (wanted.size > 0) throw new Error(`the glue has no ${[...wanted.keys()].join(", ")}`);
  const module = `"${modules[0]}": `;
  if (!text.includes(module)) throw new Error(`the glue has no ${module}`);
  // The pass calls the only module so.
  text = text.replace(module, `"a": `);
  const exported = new Map(exports.map(([name, short]) => [name, short]));
  return text.replaceAll(/\bwasm\.(\w+)/g, (_, name) => {
    const short = exported.get(name);
    if (short === undefined) throw new Error(`the wasm has no ${name}`);
    return `wasm.${short}`;
  });
}

/** What frees a handle that nobody destroys. The element destroys its own, and the whole instance goes with it. */
const FREEING = [
  /^ *WidgetHandleFinalization\.(?:un)?register\(.*\);\n/gm,
  /^const WidgetHandleFinalization = [^;]*(?:\{[^}]*\}[^;]*)*;\n/gm,
  /^ {4}free\(\) \{[^]*?\n {4}\}\n/gm,
  /^if \(Symbol\.dispose\) WidgetHandle.*\n/gm,
];

/** The glue without what calls the export `FREE` of the wasm. */
export function withoutFreeing(glue) {
  return FREEING.reduce((text, pattern) => {
    const less = text.replaceAll(pattern, "");
    if (less === text) throw new Error(`the glue has no ${String(pattern)}`);
    return less;
  }, glue);
}

/** What only frees such handles. */
export const FREE = "__wbg_widgethandle_free";

/** Where the glue begins to load the wasm, which the package does itself, so that it can do so again. */
const LOADING = "async function __wbg_load(";

/**
 * The glue as a function that makes one instance's part of it, so that a page can have another instance after one that
 * has panicked. `guard` is handed the exports of the wasm and gives those that the glue calls.
 */
export function factory(glue) {
  const [code, loading] = glue.split(LOADING);
  if (loading === undefined) throw new Error(`the glue has no ${LOADING}`);
  const parts = [
    ["wasm = instance.exports;", "wasm = guard(instance.exports);"],
    ["export class WidgetHandle", "class WidgetHandle"],
    ["export function mount", "function mount"],
    ["export function stylesheet", "function stylesheet"],
  ];
  const changed = parts.reduce((text, [old, now]) => {
    if (!text.includes(old)) throw new Error(`the glue has no ${old}`);
    return text.replace(old, now);
  }, code);
  const body = withArrows(withoutUnusedFunctions(changed));
  if (/^export /m.test(body)) throw new Error("the glue exports more than is known");
  return `export function createGlue(guard) {
${body}
return { imports: __wbg_get_imports, start: (instance) => { __wbg_finalize_init(instance); }, mount, stylesheet };
}`;
}

/** An import that hands its arguments to a function of its own, and what that throws to Rust. */
const CAUGHT = /: function\(\) \{ return handleError\(function \((.*?)\) (\{[^]*?\n {8}\}), arguments\); \},\n/g;

/** Any other import. */
const PLAIN = /^( {8}\w+): function\((.*?)\) \{/gm;

/** The glue with imports that are arrow functions, which take less room: none of them is a method or a constructor. */
function withArrows(code) {
  const catching = ["function handleError(f, args) {", "f.apply(this, args)"];
  if (!code.includes("handleError(")) return code.replaceAll(PLAIN, "$1: ($2) => {");
  if (!catching.every((part) => code.includes(part))) throw new Error("the glue catches what imports throw in another way");
  return code
    .replaceAll(CAUGHT, ": caught(($1) => $2),\n")
    .replace(catching[0], "const caught = (f) => (...args) => {")
    .replace(catching[1], "f(...args)")
    .replaceAll(PLAIN, "$1: ($2) => {");
}

/** A function that stands alone, up to the line that ends it. */
const FUNCTION = /^function (\w+)\([^]*?\n\}\n/gm;

/** What served imports that are gone. Bundlers see it only where it is not inside of another function. */
function withoutUnusedFunctions(code) {
  const kept = code.replaceAll(FUNCTION, (text, name) => {
    const others = code.replace(text, "");
    const isUsed = new RegExp(`\\b${name}\\b`).test(others) || KEPT.includes(name);
    return isUsed ? text : "";
  });
  return kept === code ? code : withoutUnusedFunctions(kept);
}

/** What the factory itself uses. */
const KEPT = ["__wbg_get_imports", "__wbg_finalize_init", "mount", "stylesheet"];
