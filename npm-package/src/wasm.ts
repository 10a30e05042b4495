import { createGlue } from "widget-glue";
import type { ConnectActions } from "./actions.js";
import type { ConnectErrorDetail, ConnectWidgetEvents } from "./events.js";
import type { StreamMode } from "./streams.js";
import type { ConnectLabels, ConnectTheme, ThemeMode } from "./theme.js";

/** All that a mounted widget is told by its element. */
export interface WidgetConfig {
  apiUrl: string;
  sessionToken?: string;
  getSessionToken?: () => Promise<string>;
  theme: ThemeMode | ConnectTheme;
  labels: ConnectLabels;
  lang: string;
  closable: boolean;
  streams: StreamMode;
  actions: ConnectActions | undefined;
  /** Asks for event streams in place of `fetch`. */
  streamFetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** A mounted widget. */
export interface Widget {
  /** Replaces the configuration; streams go on where they can. */
  update(config: WidgetConfig): void;
  subscribe(connectionId: string): void;
  unsubscribe(connectionId: string): void;
  refresh(): void;
  /** Ends all streams and takes the widget out of its root. Not to be used afterwards. */
  destroy(): void;
}

/** A running instance of the wasm, for one widget: it relies on having no other. */
export interface WidgetModule {
  /** All styles, for one constructed stylesheet. */
  stylesheet(): string;
  /** Draws the widget into `root` and tells its events by `emit`. To be called once. */
  mount(
    root: Element,
    config: WidgetConfig,
    emit: (name: keyof ConnectWidgetEvents | "action", detail: unknown) => void,
  ): Widget;
  /** Called, in a task of its own, when the instance has panicked. It is not to be used any more then. */
  onPanic?: ((error: unknown) => void) | undefined;
}

/** Why the widget's code could not be loaded. */
export class WidgetLoadError extends Error {
  constructor(
    readonly reason: ConnectErrorDetail["cause"],
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

let compiling: Promise<WebAssembly.Module> | undefined;
let given: BufferSource | undefined;

/** Hands over the wasm itself, which is not fetched then. */
export function provideWasm(bytes: BufferSource): void {
  given = bytes;
}

/**
 * A new instance of the widget's code, which is fetched and compiled on the first call and once for the whole page.
 *
 * @param url where the `.wasm` is; beside this module if empty. The first call's counts, unless it failed.
 */
export async function loadWidget(url: string): Promise<WidgetModule> {
  compiling ??= compile(url).catch((error: unknown) => {
    compiling = undefined;
    throw error;
  });
  const compiled = await compiling;
  const glue = createGlue<Pick<WidgetModule, "stylesheet" | "mount">>((exports) =>
    guarded(exports, (error) => {
      queueMicrotask(() => module.onPanic?.(error));
    }),
  );
  try {
    glue.start(await WebAssembly.instantiate(compiled, glue.imports()));
  } catch (error) {
    throw new WidgetLoadError("not-started", error);
  }
  const module: WidgetModule = { stylesheet: glue.stylesheet, mount: glue.mount };
  return module;
}

/**
 * The exports with a watch on each function: what one of them throws has left Rust in the middle of something, and nothing
 * of that instance can be relied on. Calls that come later, from timers and listeners that it has left, do nothing.
 */
function guarded(exports: WebAssembly.Exports, onPanic: (error: unknown) => void): WebAssembly.Exports {
  let hasPanicked = false;
  const watched = Object.entries(exports).map(([name, value]) => {
    if (typeof value !== "function") return [name, value];
    const call = value as (...args: unknown[]) => unknown;
    return [
      name,
      (...args: unknown[]) => {
        if (hasPanicked) return undefined;
        try {
          return call(...args);
        } catch (error) {
          hasPanicked = true;
          onPanic(error);
          throw error;
        }
      },
    ];
  });
  return Object.fromEntries(watched) as WebAssembly.Exports;
}

async function compile(url: string): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== "object") {
    throw new WidgetLoadError("unsupported", "this browser has no WebAssembly");
  }
  // Written out like this, bundlers find the file and put it beside their output.
  const source = given ?? (await download(url || new URL("./connect_widget_bg.wasm", import.meta.url)));
  try {
    if (!(source instanceof Response)) return await WebAssembly.compile(source);
    // Only what is said to be wasm can be compiled while it arrives, and many a server does not say so.
    const isWasm = source.headers.get("content-type") === "application/wasm";
    return await (isWasm ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer()));
  } catch (error) {
    throw new WidgetLoadError("not-compiled", error);
  }
}

async function download(url: string | URL): Promise<Response> {
  try {
    const response = await fetch(url);
    if (response.ok) return response;
    throw new Error(`${String(response.status)} for ${response.url}`);
  } catch (error) {
    throw new WidgetLoadError("unreachable", error);
  }
}
