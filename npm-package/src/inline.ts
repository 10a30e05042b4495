// The package with the wasm inside, for hosts that can serve no further file. A third larger, and compiled only once it is all there.
import { provideWasm } from "./element.js";
import wasm from "widget-wasm";

provideWasm(wasm);

export * from "./index.js";
