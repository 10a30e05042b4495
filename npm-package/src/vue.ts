import { defineComponent, h, onMounted, ref, watchEffect, type DefineComponent, type PropType } from "vue";
import type { ConnectActions, ConnectLabels, ConnectTheme, ConnectWidgetElement, ConnectWidgetEvents, StreamMode, ThemeMode } from "./element.js";
import "./index.js";
import { assignProperties, type ConnectWidgetProperties } from "./properties.js";

export type * from "./element.js";

type Detail<Name extends keyof ConnectWidgetEvents> = ConnectWidgetEvents[Name]["detail"];

/** Vue asks whether what is told is right, and takes the type from the question. */
const told =
  <Name extends keyof ConnectWidgetEvents>() =>
  (detail: Detail<Name>) =>
    Boolean(detail);

const emits = {
  "connect-ready": told<"connect-ready">(),
  "connect-error": told<"connect-error">(),
  "status-change": told<"status-change">(),
  "sync-progress": told<"sync-progress">(),
  "sync-complete": told<"sync-complete">(),
  "sync-error": told<"sync-error">(),
  close: told<"close">(),
};

const props = {
  apiUrl: { type: String, default: "" },
  sessionToken: { type: String, default: undefined },
  getSessionToken: { type: Function as PropType<() => Promise<string>>, default: undefined },
  theme: { type: [String, Object] as PropType<ThemeMode | ConnectTheme>, default: "system" },
  labels: { type: Object as PropType<ConnectLabels>, default: undefined },
  actions: { type: Object as PropType<ConnectActions>, default: undefined },
  lang: { type: String, default: undefined },
  wasmUrl: { type: String, default: "" },
  closable: { type: Boolean, default: false },
  streams: { type: String as PropType<StreamMode>, default: undefined },
  alone: { type: Boolean, default: false },
};

/**
 * `<connect-widget>` as a component of Vue 3. Events hand over their details; the default slot is the fallback. A template
 * ref has the element as `element`.
 */
export const ConnectWidget = defineComponent({
  name: "ConnectWidget",
  props,
  emits,
  setup(props, { emit, slots, expose }) {
    const element = ref<ConnectWidgetElement>();
    expose({ element });
    onMounted(() => {
      for (const name of Object.keys(emits) as (keyof typeof emits)[]) {
        // The element goes with the component, and its listeners with it.
        element.value?.addEventListener(name, (event) => {
          emit(name as "close", event.detail as Detail<"close">);
        });
      }
      watchEffect(() => {
        if (element.value) assignProperties(element.value, props);
      });
    });
    return () => h("connect-widget", { ref: element, lang: props.lang }, slots["default"]?.());
  },
});

declare module "vue" {
  interface GlobalComponents {
    "connect-widget": DefineComponent<ConnectWidgetProperties & { lang?: string }>;
  }
}
