import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { eventually } from "./eventually.js";

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A process that a scenario has started. None outlives the tests, however they end. */
export class Child {
  readonly #process: ChildProcess;
  #output = "";

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    alive.add(this.#process);
    this.#process.once("exit", () => alive.delete(this.#process));
    this.#process.once("error", (error) => (this.#output += error.message));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    }
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Waits for something in what the process has written so far. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = pattern.exec(this.#output);
      if (match) return match;
      throw new Error(`${String(pattern)} is not in the output of ${this.#process.spawnfile}:\n${this.#output}`);
    });
  }

  /** Ends the process at once, as a crash would. */
  async kill(): Promise<void> {
    if (!this.isAlive) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }

  /** Waits for the process to end by itself and gives its exit code. */
  async ended(): Promise<number | null> {
    if (this.isAlive) await once(this.#process, "exit");
    return this.#process.exitCode;
  }
}
