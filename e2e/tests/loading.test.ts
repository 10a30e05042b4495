// How the element's code gets into a page, or does not.
import assert from "node:assert/strict";
import { addWidget, replaceMainScript } from "../support/elements.js";
import { eventually } from "../support/eventually.js";
import { heard, hears } from "../support/heard.js";
import { progress } from "../support/progress.js";
import { scenario } from "../support/scenario.js";

scenario(
  "a wasm that cannot be fetched leaves the content and says so",
  { expected: [/console: Failed to load resource: .* 404/] },
  async ({ page, url }) => {
    await page.route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "" }));
    await page.goto(url);
    const { detail } = await hears(page, "connect-error");
    assert.equal(detail["cause"], "unreachable");
    assert.ok(await page.getByText("Your sources will appear here.").isVisible());
  },
);

scenario("a wasm that is none leaves the content and says so", {}, async ({ page, url }) => {
  await page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "not wasm" }));
  await page.goto(url);
  const { detail } = await hears(page, "connect-error");
  assert.equal(detail["cause"], "not-compiled");
  assert.ok(await page.getByText("Your sources will appear here.").isVisible());
});

scenario("the wasm is fetched once, and only where it is needed", {}, async (world) => {
  const { page, url, service, collection } = world;
  await service.createConnection(collection, "Wiki");
  const token = await service.createSession(collection);
  const fetched: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) fetched.push(request.url());
  });
  await replaceMainScript(page, 'import "/connect-widget/index.js"; document.querySelector("connect-widget").remove();');
  await page.goto(url);
  await page.waitForFunction(() => customElements.get("connect-widget") !== undefined);
  assert.deepEqual(fetched, []);
  for (const id of ["first", "second", "third"]) await addWidget(page, { id, apiUrl: service.url, sessionToken: token });
  await eventually(async () => {
    assert.equal((await heard(page, "connect-ready")).length, 3);
  });
  assert.equal(fetched.length, 1);
});

scenario("a page's strict content security policy is kept, and would have been missed", {}, async (world) => {
  const { page, url, redis, service, collection, widget, problems } = world;
  const { connection, job } = await service.createSync(collection, "Team chat");
  await page.goto(url);
  await widget.shows(connection, { state: "syncing" });
  await redis.publish(job, progress(100, { status: "failed", error: "<b>The source</b> is gone" }));
  await widget.shows(connection, { state: "failed", error: "<b>The source</b> is gone" });
  assert.deepEqual(problems, []);
  await page.evaluate(() => {
    const style = document.createElement("style");
    style.textContent = "body { color: red }";
    document.head.append(style);
  });
  await eventually(() => {
    assert.match(problems.join("\n"), /policy violation: style-src/);
  });
  assert.equal(await page.evaluate(() => "trustedTypes" in globalThis), true);
  await assert.rejects(page.evaluate(() => new DOMParser().parseFromString("<p>", "text/html")), /TrustedHTML/);
  await eventually(() => {
    assert.match(problems.join("\n"), /policy violation: require-trusted-types-for/);
  });
  problems.length = 0;
});

scenario("a host that can serve no further file takes the entry with the wasm inside", {}, async (world) => {
  const { page, url, service, collection, widget } = world;
  const connection = await service.createConnection(collection, "Wiki");
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  const token = await service.createSession(collection);
  await replaceMainScript(page, `import "/connect-widget/inline.js"; document.querySelector("connect-widget").sessionToken = "${token}";`);
  await page.goto(url);
  await widget.shows(connection, { name: "Wiki" });
  assert.ok(fetched.some((url) => url.endsWith("/inline.js")));
  assert.ok(!fetched.some((url) => url.endsWith(".wasm")));
});
