import { ConnectWidgetElement } from "./element.js";

export * from "./element.js";

// Neither on a server, which has no elements, nor a second time, where two copies of the package meet on one page.
if ("customElements" in globalThis && !customElements.get("connect-widget")) {
  customElements.define("connect-widget", ConnectWidgetElement);
}

declare global {
  interface HTMLElementTagNameMap {
    "connect-widget": ConnectWidgetElement;
  }
}
