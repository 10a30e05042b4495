// The names of functions in a wasm, as Rust's compiler mangles them and demangled.

/** A function's name without what differs from build to build. */
export function plainName(name) {
  return name
    .replaceAll(/\[[0-9a-f]{16}\]/g, "")
    .replace(/\[\d+\]$/, "")
    .replace(/::h[0-9a-f]{16}$/, "");
}
