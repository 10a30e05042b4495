// How a host uses the package, for the compiler only. Each line under a @ts-expect-error is a mistake that it must find.
import "connect-widget";
import { ConnectWidgetElement, type ConnectTheme, type SyncProgress, type SyncProgressDetail } from "connect-widget";
import { ConnectWidgetElement as SideEffectFree } from "connect-widget/element";

const element = document.createElement("connect-widget");
const widget: ConnectWidgetElement = element;
const same: SideEffectFree = widget;

element.apiUrl = "https://sync.example.com";
element.sessionToken = "token";
element.getSessionToken = () => Promise.resolve("token");
element.theme = "dark";
element.theme = { mode: "system", colors: { dark: { primary: "#7aa2ff" } } } satisfies ConnectTheme;
element.streams = "single";
element.labels = { title: "Your sources" };
same.subscribe("0b0c3a5e-6c1f-4a9e-8f2b-0d1e2f3a4b5c");

element.addEventListener("sync-complete", (event) => {
  const progress: SyncProgress = event.detail.progress;
  event.currentTarget?.dispatchEvent(new Event(progress.status));
});
element.addEventListener("sync-error", (event) => event.detail.code === "no_job");
element.addEventListener("close", (event) => event.detail.reason === "cancel");
element.addEventListener("click", (event) => event.clientX);
document.body.addEventListener("connect-ready", (event) => event.detail.collectionId.length);

// @ts-expect-error an unknown mode
element.theme = "midnight";
// @ts-expect-error a way to stream that there is not
element.streams = "double";
// @ts-expect-error not a function
element.getSessionToken = "token";
// @ts-expect-error the connection's id is a string
element.subscribe(42);
// @ts-expect-error a code that no such event has
element.addEventListener("sync-error", (event) => event.detail.code === "sync_complete");
// @ts-expect-error a reason that there is not
element.addEventListener("close", (event) => event.detail.reason === "boredom");
// @ts-expect-error a colour that the theme does not have
element.theme = { colors: { light: { sparkle: "red" } } };

// Without a UI.
import { followSync, type SyncUpdate } from "connect-widget/headless";

for await (const { jobId, progress } of followSync("0b0c3a5e", { apiUrl: "https://sync.example.com", sessionToken: "token" })) {
  const update: SyncUpdate = { jobId, progress };
  element.title = `${String(update.progress.inserted)} of ${update.jobId}`;
}
// @ts-expect-error not a signal
followSync("0b0c3a5e", { signal: true });

// React.
import { ConnectWidget as ReactWidget } from "connect-widget/react";
import { createElement } from "react";

createElement(ReactWidget, { apiUrl: "https://sync.example.com", onSyncComplete: (event) => event.detail.progress.inserted });
createElement("connect-widget", { "api-url": "https://sync.example.com" });
// @ts-expect-error not a function
createElement(ReactWidget, { onSyncComplete: "sync-complete" });
// @ts-expect-error an unknown mode
createElement(ReactWidget, { theme: "midnight" });

// Vue.
import { ConnectWidget as VueWidget } from "connect-widget/vue";
import { h } from "vue";

h(VueWidget, { apiUrl: "https://sync.example.com", onSyncComplete: (detail: SyncProgressDetail) => detail.progress.inserted });
// @ts-expect-error an unknown mode
h(VueWidget, { theme: "midnight" });

// Svelte.
import type { SvelteHTMLElements } from "svelte/elements";
import "connect-widget/svelte";

const attributes: SvelteHTMLElements["connect-widget"] = {
  "api-url": "https://sync.example.com",
  "onsync-complete": (event) => event.detail.progress.inserted,
};
element.toggleAttribute("known", "api-url" in attributes);
// @ts-expect-error an unknown mode
const wrong: SvelteHTMLElements["connect-widget"] = { theme: "midnight" };
element.toggleAttribute("known", "theme" in wrong);
