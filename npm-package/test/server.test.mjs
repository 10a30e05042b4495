// What a server sees that renders a page with the element: Node, without a DOM.
import assert from "node:assert/strict";
import { test } from "node:test";

test("importing the package on a server registers nothing and does not throw", async () => {
  const { ConnectWidgetElement } = await import("connect-widget");
  assert.equal(typeof ConnectWidgetElement, "function");
  assert.equal(globalThis.customElements, undefined);
});

test("a server draws the components as the element, with its fallback", async () => {
  const { createSSRApp, h } = await import("vue");
  const { renderToString } = await import("vue/server-renderer");
  const { ConnectWidget } = await import("connect-widget/vue");
  const html = await renderToString(createSSRApp({ render: () => h(ConnectWidget, { lang: "de" }, () => "soon") }));
  assert.match(html, /^<connect-widget lang="de">.*soon.*<\/connect-widget>$/);
  assert.equal(typeof (await import("connect-widget/react")).ConnectWidget, "object");
});

test("all entries share one class", async () => {
  const [index, element, inline] = await Promise.all(
    ["connect-widget", "connect-widget/element", "connect-widget/inline"].map((entry) => import(entry)),
  );
  assert.equal(inline.ConnectWidgetElement, element.ConnectWidgetElement);
  assert.equal(index.ConnectWidgetElement, element.ConnectWidgetElement);
});

test("the entry that registers does so once, and leaves a name alone that is taken", async () => {
  const names = new Map();
  globalThis.customElements = { get: (name) => names.get(name), define: (name, type) => names.set(name, type) };
  try {
    const { ConnectWidgetElement } = await import("../dist/index.js?first");
    assert.equal(names.get("connect-widget"), ConnectWidgetElement);
    class Other {}
    names.set("connect-widget", Other);
    await import("../dist/index.js?second");
    assert.equal(names.get("connect-widget"), Other);
  } finally {
    delete globalThis.customElements;
  }
});
