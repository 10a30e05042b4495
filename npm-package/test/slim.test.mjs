// What is taken out of the wasm, and that nothing is taken out unseen.
import assert from "node:assert/strict";
import { test } from "node:test";
import binaryen from "binaryen";
import { renamed } from "../slim/glue.mjs";
import { withoutLocations } from "../slim/locations.mjs";
import { namedByLikeness } from "../slim/order.mjs";
import { withTraps } from "../slim/traps.mjs";
import { unreadRanges, withoutUnread } from "../slim/unread.mjs";

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
  "core::fmt::write",
  "<core::fmt::Formatter>::pad",
  "<u16 as core::fmt::Display>::fmt",
  "core::fmt::Write::write_fmt::h0123456789abcdef",
  "<std::panicking::panic_handler::StaticStrPayload as core::panic::PanicPayload>::get",
  "yew::dom_bundle::btag::listeners::ListenerRegistration::register",
  "yew::dom_bundle::subtree_root::BSubtree::ensure_handled",
  "yew::dom_bundle::subtree_root::SubtreeData::add_listener",
  "yew::dom_bundle::braw::BRaw::detach",
  "yew::suspense::suspension::Suspension::listen",
  "indexmap::map::IndexMap<K,V,S>::get_index_of",
  "yew::dom_bundle::btag::attributes::<impl Apply for yew::virtual_dom::vtag::InputFields>::apply",
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

test("a function that has another name now is missed", () => {
  for (const name of FUNCTIONS.slice(1)) {
    const functions = FUNCTIONS.filter((it) => it !== name);
    assert.throws(() => withTraps(program({ functions, calls: FUNCTIONS[0] })), /no function is called like/, name);
  }
});

test("what is said to be unused is not taken out where the widget uses it", () => {
  for (const name of FUNCTIONS.slice(9)) {
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

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A wasm whose data are the letters, from 1,024 on, with these functions. */
function withLetters(functions) {
  return assembled(`(data (i32.const 1024) "${LETTERS}") ${functions}`);
}

/** Reads from the 3rd letter on up to the 7th, and panics with four from the 17th on. */
const PANICKING = `
  (func $core::unicode::printable::is_printable
    (drop (i32.load8_u (i32.const 1026))) (drop (i32.load8_u offset=1031 (i32.const 0))))
  (func $core::panicking::panic (param i32 i32 i32))
  (func $widget::run (call $core::panicking::panic (i32.const 1040) (i32.const 4) (i32.const 0)))`;

test("what is only read for a panic goes, and nothing beside it", () => {
  const ranges = unreadRanges(withLetters(PANICKING));
  assert.deepEqual(ranges, [
    { from: 1026, to: 1031 },
    { from: 1040, to: 1044 },
  ]);
  assert.ok(withoutUnread(withLetters(""), ranges).includes("ab\0\0\0\0\0hijklmnop\0\0\0\0uvwxyz"));
});

test("what may still be read, or is not to be found, is not taken out", () => {
  const ranges = unreadRanges(withLetters(PANICKING));
  assert.throws(() => withoutUnread(withLetters(PANICKING), ranges), /is_printable may read/);
  // 1,028 as an address.
  const pointer = `(data (i32.const 2048) "\\04\\04\\00\\00")`;
  assert.throws(() => withoutUnread(withLetters(pointer), ranges), /some data may read/);
  assert.throws(() => unreadRanges(withLetters("")), /no tables/);
  assert.throws(() => unreadRanges(withLetters(PANICKING.replace("(i32.const 1040)", "(i32.load (i32.const 0))"))), /no texts/);
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
