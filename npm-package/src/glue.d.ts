// What wasm-bindgen has made, as the build wraps it: slim/glue.mjs.
declare module "widget-glue" {
  /** One instance's part of the glue. */
  interface Glue {
    imports(): WebAssembly.Imports;
    /** Must be called once, before everything else. */
    start(instance: WebAssembly.Instance): void;
  }

  /** `Functions` are those of the wasm. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows them
  export function createGlue<Functions>(guard: (exports: WebAssembly.Exports) => WebAssembly.Exports): Glue & Functions;
}

// The bytes of the wasm, as esbuild puts them into a script.
declare module "widget-wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
