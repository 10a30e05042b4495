// The package in hosts of each kind: installed from its tarball, built for production, driven in a browser.
import { plainServer } from "../support/host-page.js";
import { host, pageIn } from "./host.js";

host("html", (copy) => plainServer({ from: copy }));
host("webpack", pageIn("dist"));
