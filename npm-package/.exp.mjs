// usage: node .exp.mjs regex... : brotli size of the wasm with these trapped too
import { execFileSync } from "node:child_process"; import binaryen from "binaryen";
import { readFile, writeFile } from "node:fs/promises"; import {brotliCompressSync, constants as c} from "node:zlib";
import { withTraps } from "./slim/traps.mjs"; import { namedByLikeness } from "./slim/order.mjs";import { unreadRanges, withoutUnread } from "./slim/unread.mjs";import { withoutLocations } from "./slim/locations.mjs";
const F = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"].map(f=>`--enable-${f}`);
const original=await readFile("wasm/connect_widget_bg.wasm"); const base=withTraps(original);
const plain=n=>n.replaceAll(/\[[0-9a-f]{16}\]/g,"").replace(/\[\d+\]$/,"").replace(/::h[0-9a-f]{16}$/,"");
const id=process.pid;
for(const re of process.argv.slice(2)){const r=re==="-"?null:new RegExp(re);const m=binaryen.readBinary(base);let n=0;
 for(let i=0;i<m.getNumFunctions();i++){const f=m.getFunctionByIndex(i);const info=binaryen.getFunctionInfo(f);if(!info.module&&r?.test(plain(info.name))){new binaryen.Function(f).body=m.unreachable();n++}}
 binaryen.setDebugInfo(true);const t=`/tmp/size/e${id}.wasm`,w=`/tmp/size/e${id}.wat`,o=`/tmp/size/o${id}.wasm`;await writeFile(t,m.emitBinary());m.dispose();
 execFileSync("../node_modules/.bin/wasm-opt",[t,...F,"--flatten","--rereloop","-Os","-Os","--converge","--one-caller-inline-max-function-size=20","--ignore-implicit-traps","--low-memory-unused","--strip-producers","--strip-target-features","--debuginfo","--emit-text","-o",w]);
 await writeFile(w,namedByLikeness(await readFile(w,"utf8")));execFileSync("../node_modules/.bin/wasm-opt",[w,...F,"--reorder-functions-by-name","--strip-debug","-o",o]);execFileSync("../node_modules/.bin/wasm-opt",[o,...F,"--minify-imports-and-exports-and-modules","-o",o]);
 let b=await readFile(o);try{b=withoutLocations(withoutUnread(b,unreadRanges(original)))}catch(e){console.log(e.message)}
 console.log(b.length,brotliCompressSync(b,{params:{[c.BROTLI_PARAM_LGWIN]:24,[c.BROTLI_PARAM_QUALITY]:11,[c.BROTLI_PARAM_SIZE_HINT]:b.length}}).length,n,re)}
