// Lets functions trap at once: what only they would have called is unused then, and the optimizer removes it.
import binaryen from "binaryen";
import { plainName } from "./names.mjs";

/** The functions of Rust's library and of wasm-bindgen that never return. They write a message, which no browser shows, and trap. */
const PANICS = [
  /^core::panicking::(panic_const::)?panic\w*$/,
  /^core::panicking::assert_failed/,
  /^core::(option|result)::(unwrap|expect)_failed$/,
  /^core::(str|slice::index)::slice_\w*fail/,
  /^core::cell::panic_already_/,
  /^alloc::raw_vec::(handle_error|capacity_overflow)$/,
  /^alloc::alloc::handle_alloc_error$/,
  /^std::panicking::panic_with_hook$/,
  /^console_error_panic_hook::hook$/,
  /^wasm_bindgen::throw_str$/,
  /^wasm_bindgen::__rt::(throw_null|borrow_fail)$/,
];

/** What only those messages are written with: the widget itself formats nothing. */
const FORMATTING = [
  /^core::fmt::write$/,
  /^<core::fmt::Formatter>::pad/,
  /^<(?!widget::).* as core::fmt::(Debug|Display)>::fmt$/,
  /^(core::fmt::Write|<alloc::string::String as core::fmt::Write>)::write_fmt$/,
  /^<std::panicking::panic_handler::\w+ as core::panic::PanicPayload>::/,
];

/**
 * What Yew can do and the element does not: listeners (its buttons share one of their own), HTML as text, portals,
 * suspense, form fields, components in components, and elements whose attributes are not the same list (all of its own are
 * made by `widget/src/components/markup.rs`).
 */
const UNUSED = [
  /^yew::dom_bundle::btag::listeners::ListenerRegistration::register$/,
  /^yew::dom_bundle::btag::listeners::Registry::unregister$/,
  /^yew::dom_bundle::subtree_root::BSubtree::ensure_handled$/,
  /^yew::dom_bundle::subtree_root::SubtreeData::add_listener/,
  /\bdom_bundle::b(comp|raw|portal|suspense)::/,
  /\bvirtual_dom::vtag::(InputFields|TextareaFields|Value<T>)>?::/,
  /^yew::suspense::/,
  /^indexmap::/,
  /\bbtag::attributes::.*::apply_diff_as_maps\b/,
];

/**
 * What Yew's queues of components need when one of them holds more than the 11 that a single node of a B-tree takes. An
 * instance of the wasm has one widget, and that is one component.
 */
const LARGE_MAPS = [
  /^alloc::collections::btree::node::BalancingContext<K,V>::/,
  /^alloc::collections::btree::node::Handle<.*marker::Internal>,.*>::(insert|insert_fit|split)$/,
  /^alloc::collections::btree::node::Handle<.*marker::KV>::(split|split_leaf_data)$/,
  /^alloc::collections::btree::node::NodeRef<.*marker::Internal>::(push|new_internal|from_new_internal|correct_childrens_parent_links)$/,
  /^alloc::collections::btree::node::NodeRef<.*>::pop_internal_level$/,
  /^alloc::collections::btree::(fix|remove)::.*>::(fix_node_and_affected_ancestors|fix_node_through_parent|remove_internal_kv)$/,
  // Hash tables that have lost entries and get others: Yew's either only grow, or live for one comparison of two lists.
  /^<hashbrown::raw::RawTableInner>::rehash_in_place$/,
];

/** What has nothing to do for elements without listeners. It is called for each of them, and so does nothing. */
const IDLE = [/^yew::dom_bundle::btag::listeners::<impl .* for yew::virtual_dom::listeners::Listeners>::apply_diff$/];

/** Who may well call what is unused, since it never has anything to call it with. */
const YEW_AND_LIBRARY = /^<*&*(core|alloc|hashbrown|yew)::/;

/** A call in the text format, whose names are quoted unless they are simple. */
const CALL = /\((?:return_)?call \$(?:"((?:[^"\\]|\\.)*)"|([^\s()]+))/g;

/**
 * The wasm with these functions trapping, and without the exports that nobody calls. Throws where one of the functions is
 * not found, or used after all.
 */
export function withTraps(wasm, uncalled = []) {
  const module = binaryen.readBinary(wasm);
  try {
    const functions = readFunctions(module);
    const like = (pattern) => functions.filter(({ name }) => pattern.test(name));
    for (const pattern of [...PANICS, ...FORMATTING, ...UNUSED, ...LARGE_MAPS, ...IDLE]) {
      if (like(pattern).length === 0) throw new Error(`no function is called like ${String(pattern)} any more`);
    }
    const [panics, formatting, unused] = [PANICS, FORMATTING, [...UNUSED, ...LARGE_MAPS]].map((patterns) => new Set(patterns.flatMap(like)));
    const trapping = new Set([...panics, ...formatting, ...unused]);
    assertNobodyCalls(formatting, functions.filter((it) => !trapping.has(it)));
    assertNobodyCalls(unused, functions.filter((it) => !trapping.has(it) && !YEW_AND_LIBRARY.test(it.name)));
    for (const { reference } of trapping) new binaryen.Function(reference).body = module.unreachable();
    for (const { reference } of IDLE.flatMap(like)) new binaryen.Function(reference).body = module.nop();
    for (const name of uncalled) module.removeExport(name);
    // The names are of use to the optimizer, which drops them.
    binaryen.setDebugInfo(true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** All functions but imported ones, by their names without what differs from build to build. */
function readFunctions(module) {
  const all = Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index));
  return all
    .map((reference) => ({ reference, ...binaryen.getFunctionInfo(reference) }))
    .filter(({ module: importedFrom }) => !importedFrom)
    .map(({ reference, name, body }) => ({ reference, symbol: name, name: plainName(name), body }));
}

/** Throws where any of these functions is called by one of those: the call would trap in every browser. */
function assertNobodyCalls(called, callers) {
  const symbols = new Set(Array.from(called, ({ symbol }) => symbol));
  for (const { name, body } of callers) {
    for (const [, quoted, bare] of binaryen.emitText(body).matchAll(CALL)) {
      const symbol = bare ?? unescaped(quoted);
      if (symbols.has(symbol)) throw new Error(`${name} calls ${symbol}, which is to trap`);
    }
  }
}

function unescaped(text) {
  return text.replaceAll(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
