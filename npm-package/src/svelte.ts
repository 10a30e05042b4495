// What Svelte's compiler knows of <connect-widget>: types alone. `import "connect-widget/svelte"` defines the element as well.
import type { HTMLAttributes } from "svelte/elements";
import type { ConnectLabels, ConnectTheme, ConnectWidgetElement, ConnectWidgetEvents, StreamMode, ThemeMode } from "./element.js";
import "./index.js";

export type * from "./element.js";

type EventAttributes = {
  [Name in keyof ConnectWidgetEvents as `on${Name}`]?: (event: ConnectWidgetEvents[Name]) => void;
};

interface ConnectWidgetAttributes extends EventAttributes, Omit<HTMLAttributes<ConnectWidgetElement>, "onclose"> {
  apiUrl?: string;
  "api-url"?: string;
  sessionToken?: string;
  "session-token"?: string;
  getSessionToken?: () => Promise<string>;
  theme?: ThemeMode | ConnectTheme;
  labels?: ConnectLabels;
  wasmUrl?: string;
  "wasm-url"?: string;
  closable?: boolean;
  streams?: StreamMode;
}

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "connect-widget": ConnectWidgetAttributes;
  }
}
