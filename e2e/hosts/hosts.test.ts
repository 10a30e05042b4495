// The package in hosts of each kind: installed from its tarball, built for production, driven in a browser.
import { plainServer } from "../support/host-page.js";
import { host, nextServer, pageIn } from "./host.js";

host("html", (copy) => plainServer({ from: copy }));
host("react", pageIn("dist"));
host("vue", pageIn("dist", "vue"));
host("svelte", pageIn("dist", "svelte-trusted-html"));
host("angular", pageIn("dist/example/browser"));
host("webpack", pageIn("dist"));
host("next", nextServer, true);
