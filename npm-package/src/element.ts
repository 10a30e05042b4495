import type { AskedAction, ConnectActions } from "./actions.js";
import type { ConnectErrorDetail, ConnectWidgetEvents } from "./events.js";
import { languageOf } from "./language.js";
import { textsOf } from "./languages.js";
import { PROPERTIES } from "./properties.js";
import { fetchShared } from "./sharing.js";
import { isStreamMode, type StreamMode } from "./streams.js";
import { adoptStyles } from "./styles.js";
import type { Texts } from "./texts.js";
import { isThemeMode, type ConnectLabels, type ConnectTheme, type ThemeMode } from "./theme.js";
import { loadWidget, WidgetLoadError, type Widget, type WidgetConfig, type WidgetModule } from "./wasm.js";

export type { ConnectActions } from "./actions.js";
export type * from "./events.js";
export type { StreamMode } from "./streams.js";
export type * from "./theme.js";
export { provideWasm } from "./wasm.js";

/** Put in by the build. */
declare const __VERSION__: string;

// A server has no HTMLElement, and importing this there must not throw.
const Base = ("HTMLElement" in globalThis ? HTMLElement : class {}) as typeof HTMLElement;

/** How often a widget that panics is started anew within a minute. */
const RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

/**
 * `<connect-widget>`: an end user's connections and how they sync, live.
 *
 * It starts once it is in the document and has a `session-token` or `getSessionToken`; until then, and where it cannot
 * start, its content is shown.
 *
 * @slot - shown until the widget has started, and for good if it cannot
 * @attr {string} api-url - where `sse-service` is; the page's own origin if not given
 * @attr {string} session-token - the end user's session token
 * @attr {"light" | "dark" | "system"} theme - how it looks
 * @attr {string} lang - the language of texts (ar, de, en, es, fr, ja) and numbers; the closest ancestor's or the browser's if not given
 * @attr {"single" | "shared"} streams - a stream for each connection, or one for all; up to three singles if not given
 * @attr {boolean} alone - keeps its streams to itself, in place of sharing them with the session's other tabs and widgets
 * @attr {boolean} closable - shows a button on which the widget says `close`
 * @attr {string} wasm-url - where `connect_widget_bg.wasm` is; beside the script if not given
 *
 * @fires {CustomEvent<ConnectReadyDetail>} connect-ready - the list of connections is there
 * @fires {CustomEvent<StatusChangeDetail>} status-change - the widget as a whole has changed
 * @fires {CustomEvent<SyncProgressDetail>} sync-progress - a sync goes on
 * @fires {CustomEvent<SyncProgressDetail>} sync-complete - a sync has completed, or was cancelled
 * @fires {CustomEvent<SyncErrorDetail>} sync-error - a sync has failed, or cannot be followed
 * @fires {CustomEvent<ConnectErrorDetail>} connect-error - the widget could not start or go on
 * @fires {CustomEvent<ConnectCloseDetail>} close - the close button was pressed
 *
 * @csspart widget - the whole
 * @csspart title - its heading
 * @csspart list - its list
 * @csspart state - what is shown in place of the list
 * @csspart button - a button
 * @csspart connection - a row
 * @csspart avatar - in a row: its integration
 * @csspart menu-button - in a row: opens its menu
 * @csspart menu - what that opens
 * @csspart menu-item - in a menu: a button
 * @csspart question - in a menu: what is asked before a connection is deleted
 * @csspart name - in a row: its name
 * @csspart status - in a row: where it stands
 * @csspart error - in a row: the worker's message
 * @csspart sync - a running sync in a row
 * @csspart count - the number of entities
 * @csspart note - a remark
 * @csspart progress - the bar
 * @csspart progress-fill - its filled part
 *
 * @cssproperty --connect-background
 * @cssproperty --connect-surface
 * @cssproperty --connect-text
 * @cssproperty --connect-text-muted
 * @cssproperty --connect-primary
 * @cssproperty --connect-primary-foreground
 * @cssproperty --connect-primary-hover
 * @cssproperty --connect-secondary
 * @cssproperty --connect-secondary-hover
 * @cssproperty --connect-border
 * @cssproperty --connect-success
 * @cssproperty --connect-error
 * @cssproperty --connect-font-body
 * @cssproperty --connect-font-heading
 * @cssproperty --connect-font-button
 */
export class ConnectWidgetElement extends Base {
  /** The package's version. */
  static readonly version: string = __VERSION__;

  static readonly observedAttributes: readonly string[] = ["api-url", "session-token", "theme", "lang", "wasm-url", "closable", "streams", "alone"];

  // `close` is the only event whose name, and not its type, every element knows.
  declare addEventListener: (<Name extends keyof ConnectWidgetEvents>(
    name: Name,
    listener: (event: ConnectWidgetEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ) => void) &
    HTMLElement["addEventListener"];

  #sessionToken = "";
  #getSessionToken: (() => Promise<string>) | undefined;
  #theme: ThemeMode | ConnectTheme = "system";
  #labels: ConnectLabels | undefined;
  #actions: ConnectActions | undefined;
  /** The language whose texts are there, or on their way. */
  #language = "";
  #texts: Texts | undefined;

  #module: WidgetModule | undefined;
  #widget: Widget | undefined;
  /** Calls that came before the widget was there. */
  #waiting: ((widget: Widget) => void)[] = [];
  #panics: number[] = [];
  #isSettling = false;
  #isLoading = false;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
    this.#showFallback();
  }

  /** Where `sse-service` is. Empty for the page's own origin. */
  get apiUrl(): string {
    return this.getAttribute("api-url") ?? "";
  }
  set apiUrl(url: string) {
    this.#reflect("api-url", url);
  }

  /** The end user's session token. Setting it does not write it into the DOM. */
  get sessionToken(): string {
    return this.#sessionToken;
  }
  set sessionToken(token: string | null | undefined) {
    this.#sessionToken = token ?? "";
    this.#settle();
  }

  /** Called for a session token when there is none yet, and when the one in use has expired. */
  get getSessionToken(): (() => Promise<string>) | undefined {
    return this.#getSessionToken;
  }
  set getSessionToken(ask: (() => Promise<string>) | null | undefined) {
    this.#getSessionToken = ask ?? undefined;
    this.#settle();
  }

  /** A mode, which is reflected, or a whole theme, which is not. `system` where the attribute is no mode. */
  get theme(): ThemeMode | ConnectTheme {
    return this.#theme;
  }
  set theme(theme: ThemeMode | ConnectTheme | null | undefined) {
    if (theme && typeof theme === "object") {
      this.#theme = theme;
      this.#settle();
    } else {
      this.#reflect("theme", theme);
    }
  }

  /** Texts in place of the built-in ones, by their keys. */
  get labels(): ConnectLabels | undefined {
    return this.#labels;
  }
  set labels(labels: ConnectLabels | null | undefined) {
    this.#labels = labels ?? undefined;
    this.#settle();
  }

  /** What end users can ask for in a row's menu, and what is done then. */
  get actions(): ConnectActions | undefined {
    return this.#actions;
  }
  set actions(actions: ConnectActions | null | undefined) {
    this.#actions = actions ?? undefined;
    this.#settle();
  }

  /** Where `connect_widget_bg.wasm` is. Empty for beside the script. The page's first element decides. */
  get wasmUrl(): string {
    return this.getAttribute("wasm-url") ?? "";
  }
  set wasmUrl(url: string) {
    this.#reflect("wasm-url", url);
  }

  /** Whether there is a close button. What closing means is up to whoever hears `close`. */
  get closable(): boolean {
    return this.hasAttribute("closable");
  }
  set closable(closable: boolean) {
    this.toggleAttribute("closable", closable);
  }

  /** A stream for each connection, or one for all. Empty for one each up to three, and one for all above that. */
  get streams(): StreamMode {
    const mode = this.getAttribute("streams") ?? "";
    return isStreamMode(mode) ? mode : "";
  }
  set streams(mode: StreamMode | null | undefined) {
    this.#reflect("streams", mode === "" ? null : mode);
  }

  /**
   * Whether it keeps its streams to itself. Tabs and widgets of one session otherwise share them: one of them holds a
   * stream, the others listen. Streams that are open stay as they are.
   */
  get alone(): boolean {
    return this.hasAttribute("alone");
  }
  set alone(alone: boolean) {
    this.toggleAttribute("alone", alone);
  }

  /** Follows a connection's sync, also one whose status is not (yet) `syncing`. */
  subscribe(connectionId: string): void {
    this.#whenMounted((widget) => {
      widget.subscribe(connectionId);
    });
  }

  /** No longer follows a connection's sync. */
  unsubscribe(connectionId: string): void {
    this.#whenMounted((widget) => {
      widget.unsubscribe(connectionId);
    });
  }

  /** Fetches the list of connections again. */
  refresh(): void {
    this.#whenMounted((widget) => {
      widget.refresh();
    });
  }

  connectedCallback(): void {
    for (const name of PROPERTIES) this.#keepEarly(name);
    this.#settle();
  }

  disconnectedCallback(): void {
    this.#settle();
  }

  /** Style sheets stay in the document that they were made in, so the widget is drawn anew in this one. */
  adoptedCallback(): void {
    this.#unmount();
    this.#settle();
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === "session-token") this.#sessionToken = value ?? "";
    if (name === "theme") this.#theme = value !== null && isThemeMode(value) ? value : "system";
    this.#settle();
  }

  /** Hands a property that was set before the element was defined to its accessor, which it hides. */
  #keepEarly(name: (typeof PROPERTIES)[number]): void {
    if (!Object.hasOwn(this, name)) return;
    const early: unknown = this[name];
    Reflect.deleteProperty(this, name);
    Reflect.set(this, name, early);
  }

  #reflect(attribute: string, value: string | null | undefined): void {
    if (value === null || value === undefined) this.removeAttribute(attribute);
    else this.setAttribute(attribute, value);
  }

  /**
   * Brings the widget in line with the element once the current task is done: many changes make one update, and an
   * element that was only moved in the document keeps its streams.
   */
  #settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    queueMicrotask(() => {
      this.#isSettling = false;
      if (!this.isConnected) {
        this.#unmount();
        return;
      }
      if (this.#module) void this.#translate();
      if (this.#widget) this.#widget.update(this.#config());
      else if (this.#module) this.#mount(this.#module);
      else if (!this.#isLoading) void this.#load();
    });
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    try {
      [this.#module] = await Promise.all([loadWidget(this.wasmUrl), this.#translate()]);
      this.#settle();
    } catch (error) {
      this.#fail(error instanceof WidgetLoadError ? error.reason : "not-started", error);
    } finally {
      this.#isLoading = false;
    }
  }

  /** Gets the texts of the language that holds now, unless they are there. Those of the one before are used till then. */
  async #translate(): Promise<void> {
    const lang = languageOf(this);
    if (lang === this.#language) return;
    this.#language = lang;
    const texts = await textsOf(lang);
    if (lang !== this.#language || texts === this.#texts) return;
    this.#texts = texts;
    this.#settle();
  }

  #mount(module: WidgetModule): void {
    const root = this.shadowRoot;
    if (!root || !(this.#sessionToken || this.#getSessionToken)) return;
    const stage = this.ownerDocument.createElement("div");
    root.append(stage);
    try {
      adoptStyles(root, () => module.stylesheet());
      this.#widget = module.mount(stage, this.#config(), (name, detail) => {
        if (name === "action") void this.#act(detail as AskedAction);
        else this.#emit(name, detail);
      });
    } catch (error) {
      stage.remove();
      this.#module = undefined;
      this.#fail("not-started", error);
      return;
    }
    module.onPanic = this.#onPanic;
    root.querySelector("slot")?.remove();
    for (const call of this.#waiting.splice(0)) call(this.#widget);
  }

  #unmount(): void {
    if (!this.#widget) return;
    if (this.#module) this.#module.onPanic = undefined;
    this.#module = undefined;
    this.#widget.destroy();
    this.#widget = undefined;
    this.#showFallback();
  }

  /** The instance that has drawn the widget is of no use any more. */
  readonly #onPanic = (error: unknown): void => {
    this.#module = undefined;
    this.#widget = undefined;
    this.#showFallback();
    this.#fail("panicked", error);
    const now = Date.now();
    this.#panics = [...this.#panics.filter((at) => now - at < RESTARTS_WITHIN_MS), now];
    if (this.#panics.length <= RESTARTS) this.#settle();
  };

  #showFallback(): void {
    this.shadowRoot?.replaceChildren(this.ownerDocument.createElement("slot"));
  }

  #config(): WidgetConfig {
    return {
      apiUrl: this.apiUrl,
      theme: this.#theme,
      lang: languageOf(this),
      closable: this.closable,
      streams: this.streams,
      streamFetch: this.#streamFetch,
      actions: this.#actions,
      ...(this.#sessionToken && { sessionToken: this.#sessionToken }),
      ...(this.#getSessionToken && { getSessionToken: this.#getSessionToken }),
      // Whoever is closer to the host has the last word.
      labels: { ...this.#texts, ...(typeof this.#theme === "object" && this.#theme.labels), ...this.#labels },
    };
  }

  readonly #streamFetch = (url: string, init: RequestInit) => (this.alone ? fetch(url, init) : fetchShared(url, init));

  #whenMounted(call: (widget: Widget) => void): void {
    if (this.#widget) call(this.#widget);
    else this.#waiting.push(call);
  }

  /** Lets the host do what was asked for, and brings the widget up to date. */
  async #act({ action, connectionId }: AskedAction): Promise<void> {
    try {
      await this.#actions?.[action]?.(connectionId);
      if (action === "sync") {
        this.subscribe(connectionId);
        return;
      }
    } catch (error) {
      reportError(error);
    }
    this.refresh();
  }

  #fail(cause: ConnectErrorDetail["cause"], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#emit("connect-error", { cause, message } satisfies ConnectErrorDetail);
  }

  #emit(name: keyof ConnectWidgetEvents, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
