// How a host uses the package, for the compiler only. Each line under a @ts-expect-error is a mistake that it must find.
import "connect-widget";
import { ConnectWidgetElement, type ConnectTheme, type SyncProgress } from "connect-widget";
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
