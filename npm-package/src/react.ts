"use client";

import {
  createElement,
  forwardRef,
  useImperativeHandle,
  useLayoutEffect,
  useEffect,
  useRef,
  type ForwardedRef,
  type HTMLAttributes,
  type ReactElement,
  type RefAttributes,
} from "react";
import type { ConnectWidgetElement, ConnectWidgetEvents, StreamMode, ThemeMode } from "./element.js";
import "./index.js";
import { assignProperties, PROPERTIES, type ConnectWidgetProperties } from "./properties.js";

export type * from "./element.js";

/** What each event is called as a prop. */
const EVENTS = {
  onConnectReady: "connect-ready",
  onConnectError: "connect-error",
  onStatusChange: "status-change",
  onSyncProgress: "sync-progress",
  onSyncComplete: "sync-complete",
  onSyncError: "sync-error",
  onClose: "close",
} as const satisfies Record<string, keyof ConnectWidgetEvents>;

type EventProps = {
  [Prop in keyof typeof EVENTS]?: (event: ConnectWidgetEvents[(typeof EVENTS)[Prop]]) => void;
};

/** All that `ConnectWidget` takes; what is not the element's own goes to it as attributes. The children are its fallback. */
export interface ConnectWidgetProps
  extends ConnectWidgetProperties,
    EventProps,
    Omit<HTMLAttributes<HTMLElement>, keyof ConnectWidgetProperties | keyof EventProps> {}

// A server renders the element and has no layout to wait for.
const useBeforePaint = "document" in globalThis ? useLayoutEffect : useEffect;

/** `<connect-widget>` as a component of React 18 or 19. The ref is the element, with its methods. */
export const ConnectWidget: (props: ConnectWidgetProps & RefAttributes<ConnectWidgetElement>) => ReactElement =
  forwardRef(render) as never;

function render(props: ConnectWidgetProps, ref: ForwardedRef<ConnectWidgetElement>): ReactElement {
  const element = useRef<ConnectWidgetElement>(null);
  useImperativeHandle<ConnectWidgetElement | null, ConnectWidgetElement | null>(ref, () => element.current);
  const latest = useRef(props);

  useBeforePaint(() => {
    latest.current = props;
    if (element.current) assignProperties(element.current, props);
  });

  useBeforePaint(() => {
    const target = element.current;
    const stop = new AbortController();
    for (const [prop, name] of Object.entries(EVENTS)) {
      target?.addEventListener(
        name,
        (event) => {
          (latest.current[prop as keyof EventProps] as ((event: Event) => void) | undefined)?.(event);
        },
        { signal: stop.signal },
      );
    }
    return () => {
      stop.abort();
    };
  }, []);

  const own: ReadonlySet<string> = new Set([...PROPERTIES, ...Object.keys(EVENTS)]);
  const rest = Object.fromEntries(Object.entries(props).filter(([name]) => !own.has(name)));
  return createElement("connect-widget", { ...rest, ref: element });
}

/** What JSX knows of the element itself, where it is used without the component. */
export interface ConnectWidgetAttributes extends HTMLAttributes<HTMLElement>, RefAttributes<ConnectWidgetElement> {
  "api-url"?: string;
  "session-token"?: string;
  "wasm-url"?: string;
  theme?: ThemeMode;
  closable?: boolean;
  streams?: StreamMode;
  alone?: boolean;
  class?: string;
}

declare module "react" {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- it is React's
  namespace JSX {
    interface IntrinsicElements {
      "connect-widget": ConnectWidgetAttributes;
    }
  }
}
