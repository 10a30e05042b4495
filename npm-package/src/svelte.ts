// What Svelte's compiler knows of <connect-widget>: types alone. `import "connect-widget/svelte"` defines the element as well.
import type { HTMLAttributes } from "svelte/elements";
import type { ConnectWidgetElement, ConnectWidgetEvents } from "./element.js";
import "./index.js";
import type { ConnectWidgetProperties } from "./properties.js";

export type * from "./element.js";

type EventAttributes = {
  [Name in keyof ConnectWidgetEvents as `on${Name}`]?: (event: ConnectWidgetEvents[Name]) => void;
};

interface ConnectWidgetAttributes
  extends ConnectWidgetProperties, EventAttributes, Omit<HTMLAttributes<ConnectWidgetElement>, "onclose"> {
  "api-url"?: string;
  "session-token"?: string;
  "wasm-url"?: string;
}

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "connect-widget": ConnectWidgetAttributes;
  }
}
