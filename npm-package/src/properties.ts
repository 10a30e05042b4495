import type { ConnectActions } from "./actions.js";
import type { ConnectWidgetElement } from "./element.js";
import type { StreamMode } from "./streams.js";
import type { ConnectLabels, ConnectTheme, ThemeMode } from "./theme.js";

/** What a host may set of the element, as frameworks hand it over. */
export interface ConnectWidgetProperties {
  apiUrl?: string;
  sessionToken?: string;
  getSessionToken?: () => Promise<string>;
  theme?: ThemeMode | ConnectTheme;
  labels?: ConnectLabels;
  actions?: ConnectActions;
  wasmUrl?: string;
  closable?: boolean;
  streams?: StreamMode;
  alone?: boolean;
}

/** The element's accessors. `lang` is every element's own. */
export const PROPERTIES = [
  "apiUrl",
  "sessionToken",
  "getSessionToken",
  "theme",
  "labels",
  "actions",
  "wasmUrl",
  "closable",
  "streams",
  "alone",
] as const satisfies (keyof ConnectWidgetProperties)[];

/** What the element has where a property is not given, or not any longer. */
const DEFAULTS: ConnectWidgetProperties = { apiUrl: "", sessionToken: "", theme: "system", wasmUrl: "", closable: false, streams: "", alone: false };

/** Brings the element in line with all that is given. What it has already is not set again. */
export function assignProperties(
  element: ConnectWidgetElement,
  given: { readonly [Name in keyof ConnectWidgetProperties]: ConnectWidgetProperties[Name] | undefined },
): void {
  for (const name of PROPERTIES) {
    const value = given[name] ?? DEFAULTS[name];
    if (element[name] !== value) Reflect.set(element, name, value);
  }
}
