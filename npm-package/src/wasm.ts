import { initSync, mount, stylesheet } from "../wasm/connect_widget.js";
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

/** The compiled module's functions. */
export interface WidgetModule {
  /** All styles, for one constructed stylesheet. */
  stylesheet(): string;
  /** Draws a widget into `root` and tells its events by `emit`. */
  mount(
    root: Element,
    config: WidgetConfig,
    emit: (name: keyof ConnectWidgetEvents, detail: unknown) => void,
  ): Widget;
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

let loading: Promise<WidgetModule> | undefined;

/**
 * The widget's code, fetched and compiled on the first call and once for the whole page.
 *
 * @param url where the `.wasm` is; beside this module if empty. The first call's counts, unless it failed.
 */
export function loadWidget(url: string): Promise<WidgetModule> {
  loading ??= load(url).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(url: string): Promise<WidgetModule> {
  if (typeof WebAssembly !== "object") {
    throw new WidgetLoadError("unsupported", "this browser has no WebAssembly");
  }
  // Written out like this, bundlers find the file and put it beside their output.
  const response = await download(url || new URL("./connect_widget_bg.wasm", import.meta.url));
  try {
    initSync({ module: await compile(response) });
  } catch (error) {
    throw new WidgetLoadError("not-compiled", error);
  }
  return { stylesheet, mount: mount as WidgetModule["mount"] };
}

/** Compiles while it comes in, unless the server calls it something else than wasm. */
async function compile(response: Response): Promise<WebAssembly.Module> {
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
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
