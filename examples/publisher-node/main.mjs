// Syncs a folder, and publishes how far it is: every file is an entity, its type is the file's extension.
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { httpDestination, publish, redisDestination } from "./connect-publisher.mjs";

const [folder, collection = "acme"] = process.argv.slice(2);
const { CONNECT_URL: url = "http://127.0.0.1:8080", CONNECT_API_KEY: apiKey, CONNECT_REDIS_URL: redis } = process.env;

const connection = randomUUID();
const path = `/connect/source-connections/${connection}`;
await ask("PUT", path, { name: `Folder ${folder}`, short_name: "folder", readable_collection_id: collection });
const { id: job } = await ask("POST", `${path}/jobs`, {});
console.log(`connection ${connection}, job ${job}`);

// Straight to the Redis that the service listens to, where it can be reached; else through the service.
const destination = redis ? redisDestination(redis) : httpDestination(url, apiKey);
await publish(destination, job, async (publisher) => {
  try {
    await sync(publisher, folder);
  } catch (error) {
    await publisher.fail(error.message);
    throw error;
  }
  await publisher.complete();
});

async function sync(publisher, folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      await sync(publisher, join(folder, entry.name));
      continue;
    }
    publisher.met(extname(entry.name).slice(1) || "file");
    publisher.inserted();
  }
}

async function ask(method, path, body) {
  const headers = { "X-API-Key": apiKey, "Content-Type": "application/json" };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return await answer.json();
}
