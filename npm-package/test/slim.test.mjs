// What is taken out of the wasm, and that nothing is taken out unseen.
import assert from "node:assert/strict";
import { test } from "node:test";
import binaryen from "binaryen";
import { factory, renamed } from "../slim/glue.mjs";
import { withoutLocations } from "../slim/locations.mjs";
import { namedByLikeness } from "../slim/order.mjs";
import { withTraps } from "../slim/traps.mjs";
import { withoutUnread } from "../slim/unread.mjs";

/** What is called for each element, and has nothing to do. */
const IDLE = "yew::dom_bundle::btag::listeners::<impl yew::dom_bundle::btag::Apply for yew::virtual_dom::listeners::Listeners>::apply_diff";

/** Functions by the names that rustc gives them: one for each that is looked for. */
const FUNCTIONS = [
  "core[0123456789abcdef]::panicking::panic_fmt",
  "core::panicking::assert_failed::<usize, usize>",
  "core::option::unwrap_failed",
  "core::str::slice_error_fail",
  "core::cell::panic_already_borrowed",
  "alloc::raw_vec::handle_error",
  "alloc::alloc::handle_alloc_error",
  "std::panicking::panic_with_hook",
  "console_error_panic_hook::hook::h0123456789abcdef",
  "wasm_bindgen::throw_str::h0123456789abcdef",
  "wasm_bindgen::__rt::throw_null",
  "core::fmt::write",
  "<core::fmt::Formatter>::pad",
  "<u16 as core::fmt::Display>::fmt",
  "core::fmt::Write::write_fmt::h0123456789abcdef",
  "<std::panicking::panic_handler::StaticStrPayload as core::panic::PanicPayload>::get",
  "yew::dom_bundle::btag::listeners::ListenerRegistration::register",
  "yew::dom_bundle::btag::listeners::Registry::unregister::h0123456789abcdef",
  "yew::dom_bundle::subtree_root::BSubtree::ensure_handled",
  "yew::dom_bundle::btag::attributes::<impl yew::virtual_dom::Attributes>::apply_diff_as_maps::collect",
  "yew::dom_bundle::subtree_root::SubtreeData::add_listener",
  "yew::dom_bundle::braw::BRaw::detach",
  "yew::suspense::suspension::Suspension::listen",
  "indexmap::map::IndexMap<K,V,S>::get_index_of",
  "yew::dom_bundle::btag::attributes::<impl Apply for yew::virtual_dom::vtag::InputFields>::apply",
  "alloc::collections::btree::node::BalancingContext<K,V>::do_merge",
  "alloc::collections::btree::node::Handle<NodeRef<marker::Mut,K,V,marker::Internal>,marker::Edge>::insert_fit",
  "alloc::collections::btree::node::Handle<NodeRef<marker::Mut,K,V,marker::Leaf>,marker::KV>::split",
  "alloc::collections::btree::node::NodeRef<marker::Mut,K,V,marker::Internal>::push",
  "alloc::collections::btree::node::NodeRef<marker::Owned,K,V,marker::LeafOrInternal>::pop_internal_level",
  "alloc::collections::btree::fix::<impl NodeRef<K,V>>::fix_node_through_parent",
  "<hashbrown[0123456789abcdef]::raw::RawTableInner>::rehash_in_place",
  IDLE,
];

/** A wasm with these functions, whose `run` calls one of them. */
function program({ functions = FUNCTIONS, calls }) {
  const texts = functions.map((name) => `(func $"${name}" (nop))`);
  return assembled(`${texts.join("\n")} (func $widget::run (export "run") (call $"${calls}"))`);
}

function assembled(text) {
  const module = binaryen.parseText(`(module (memory 1) ${text})`);
  try {
    binaryen.setDebugInfo(true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

test("a panic is a trap, which JavaScript can catch", async () => {
  const { instance } = await WebAssembly.instantiate(withTraps(program({ calls: FUNCTIONS[0] })));
  assert.throws(() => instance.exports.run(), WebAssembly.RuntimeError);
});

test("what has nothing to do does nothing", async () => {
  const { instance } = await WebAssembly.instantiate(withTraps(program({ calls: IDLE })));
  assert.equal(instance.exports.run(), undefined);
});

test("a function that has another name now is missed", () => {
  for (const name of FUNCTIONS.slice(1)) {
    const functions = FUNCTIONS.filter((it) => it !== name);
    assert.throws(() => withTraps(program({ functions, calls: FUNCTIONS[0] })), /no function is called like/, name);
  }
});

test("what is said to be unused is not taken out where the widget uses it", () => {
  for (const name of FUNCTIONS.slice(FUNCTIONS.indexOf("core::fmt::write"), -1)) {
    assert.throws(() => withTraps(program({ calls: name })), /widget::run calls .*, which is to trap/, name);
  }
});

test("the paths of sources go, and nothing beside them", () => {
  const [path, next] = ["src/lib.rs", "a text"];
  // At 1,024 a location: address and length of the path, line 7, column 3. Behind it the path itself.
  const location = [1040, path.length, 7, 3].map((word) => `\\${(word & 255).toString(16).padStart(2, "0")}\\${(word >> 8).toString(16).padStart(2, "0")}\\00\\00`);
  const wasm = withoutLocations(assembled(`(data (i32.const 1024) "${location.join("")}${path}${next}")`));
  assert.equal(WebAssembly.validate(wasm), true);
  assert.ok(!wasm.includes(path));
  assert.ok(wasm.includes(Buffer.concat([Buffer.alloc(16 + path.length), Buffer.from(next)])));
});

test("a wasm without locations is one that is not understood", () => {
  assert.throws(() => withoutLocations(assembled(`(data (i32.const 1024) "a text")`)), /no source locations/);
});

/** The letters, as data from 1,024 on. */
const LETTERS = `(data (i32.const 1024) "abcdefghijklmnopqrstuvwxyz")`;

/** Functions with tables of their own: at the letters b, e and h. */
const TABLES = `
  (func $core::unicode::printable::is_printable (drop (i32.load8_u (i32.const 1025))))
  (func $core::unicode::unicode_data::grapheme_extend::lookup_slow (drop (i32.load8_u offset=1028 (i32.const 0))))
  (func $yew::virtual_dom::listeners::ListenerKind::type_name (drop (i32.load8_u (i32.const 1031))))`;

/** Reads nothing but what is at the letter j. */
const LIVING = `(func $widget::run (drop (i32.load8_u (i32.const 1033))))`;

/** The letters with what is left of them where the first functions became the others. */
function lettersLeft(before, after) {
  const wasm = withoutUnread(assembled(LETTERS + after), assembled(LETTERS + before));
  assert.equal(WebAssembly.validate(wasm), true);
  return wasm.toString("latin1").match(/a[a-z\0]{25}/)?.[0].replaceAll("\0", ".");
}

test("tables of functions that are gone go, each up to where something else begins", () => {
  assert.equal(lettersLeft(TABLES + LIVING, LIVING), "a........jklmnopqrstuvwxyz");
});

test("a text goes that nothing refers to any more, and nothing beside it", () => {
  const refersTo = (...letters) => {
    const refer = letters.map((letter) => `(drop (i32.const ${String(927 + letter.charCodeAt(0))}))`);
    return TABLES + `(func $widget::text ${refer.join("")})` + LIVING;
  };
  assert.equal(lettersLeft(refersTo("m", "t"), LIVING), "a........jkl..............");
  // Shorter than is worth it.
  assert.equal(lettersLeft(refersTo("m", "p"), LIVING + `(func $widget::p (drop (i32.const 1039)))`), "a........jklmnopqrstuvwxyz");
});

test("what code or data still refer to stays, also where an address is half of a larger number", () => {
  const before = TABLES + LIVING + `(func $widget::text (drop (i32.const 1036)))`;
  const stored = `(func $widget::store (drop (i64.const ${String((9n << 32n) + 1036n)})))`;
  assert.equal(lettersLeft(before, LIVING + stored), "a........jklmnopqrstuvwxyz");
  const pointer = `(data (i32.const 2048) "\\0c\\04\\00\\00")`;
  assert.equal(lettersLeft(before, LIVING + pointer), "a........jklmnopqrstuvwxyz");
});

test("a text with gaps goes as a whole", () => {
  // What format! makes of "from {} to {}".
  const data = `(data (i32.const 2048) "\\05from \\c0\\04 to \\c0\\00next")`;
  const wasm = withoutUnread(
    assembled(LETTERS + data + `(func $widget::next (drop (i32.const 2062)))`),
    assembled(LETTERS + data + TABLES + `(func $widget::format (drop (i32.const 2048)) (drop (i32.const 2062)))`),
  );
  assert.ok(wasm.includes(Buffer.from("\0".repeat(14) + "next")));
});

test("a table that may still be read, or is not to be found, is an error", () => {
  const wasm = assembled(LETTERS + TABLES);
  assert.throws(() => withoutUnread(assembled(LETTERS + `(func $widget::run (drop (i32.const 1026)))`), wasm), /widget::run may read the table/);
  assert.throws(() => withoutUnread(wasm, assembled(LETTERS)), /no table of/);
});

test("functions that are alike stand beside each other, and keep what they do", async () => {
  const [add, subtract] = ["add", "sub"].map((what) => (at) => `
 (func $"${what} ${at}" (param $0 i32) (result i32)
  (i32.${what} (i32.${what} (local.get $0) (i32.const 1)) (i32.const 2)))`);
  const text = `(module (export "one" (func $"add 1"))${add(1)}${subtract(1)}${add(2)}${subtract(2)})`;
  const ordered = namedByLikeness(text);
  const [firstAdd, firstSubtract, secondAdd, secondSubtract] = ordered.match(/(?<=\(func \$f)\d+(?= \(param)/g).map(Number);
  assert.equal(Math.abs(firstAdd - secondAdd), 1);
  assert.equal(Math.abs(firstSubtract - secondSubtract), 1);
  const module = binaryen.parseText(ordered);
  const { instance } = await WebAssembly.instantiate(module.emitBinary());
  module.dispose();
  assert.equal(instance.exports.one(4), 7);
});

const GLUE = `
    const import0 = {
        used_1: function(arg0) {
            return wasm.out_1(arg0);
        },
        unused_2: function() { return handleError(function (arg0) {
            return arg0;
        }, arguments); },
    };
    return { "./x.js": import0 };
`;

test("the JavaScript follows the wasm's names and loses what the wasm does not import", () => {
  const glue = renamed(GLUE, { imports: [["./x.js", "used_1", "a"]], exports: [["out_1", "b"]] });
  assert.match(glue, /^ {8}a: function\(arg0\) \{\n {12}return wasm\.b\(arg0\);\n {8}\},\n {4}\};\n {4}return \{ "a": import0 \};/m);
});

test("JavaScript that does not fit to the wasm is refused", () => {
  const names = { imports: [["./x.js", "used_1", "a"]], exports: [["out_1", "b"]] };
  assert.throws(() => renamed(GLUE, { ...names, exports: [] }), /the wasm has no out_1/);
  assert.throws(() => renamed(GLUE, { ...names, imports: [["./x.js", "other", "a"]] }), /the glue has no other/);
  assert.throws(() => renamed(GLUE, { ...names, imports: [["./y.js", "used_1", "a"]] }), /the glue has no "\.\/y\.js"/);
});

/** What wasm-bindgen writes, with one import of each kind. */
const WHOLE_GLUE = `function __wbg_get_imports() {
    const import0 = {
        add: function(arg0, arg1) {
            return arg0 + arg1;
        },
        fail: function() { return handleError(function (arg0) {
            throw arg0;
        }, arguments); },
    };
    return { "a": import0 };
}
const caughtErrors = [];
function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        caughtErrors.push(e);
    }
}
function __wbg_finalize_init(instance) { wasm = instance.exports; }
export class WidgetHandle {}
export function mount() { return caughtErrors; }
export function stylesheet() {}
async function __wbg_load(module) {}`;

test("imports as arrow functions do what they did, and what they throw is caught", async () => {
  const code = factory(WHOLE_GLUE);
  assert.doesNotMatch(code, /function ?\(/);
  const { createGlue } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const glue = createGlue((exports) => exports);
  const { add, fail } = glue.imports().a;
  assert.equal(add(1, 2), 3);
  assert.equal(fail("no"), undefined);
  assert.deepEqual(glue.mount(), ["no"]);
  assert.throws(() => factory(WHOLE_GLUE.replace("f.apply(this, args)", "f(args)")), /in another way/);
});
