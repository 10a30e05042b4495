// What a page costs its visitor, as Chromium tells.
import type { CDPSession, Page } from "playwright-core";

/** Main-thread time in milliseconds, memory in bytes. */
export interface Cost {
  task: number;
  script: number;
  style: number;
  layout: number;
  heap: number;
}

/** A page's meter. */
export class Meter {
  private constructor(
    private readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  static async of(page: Page): Promise<Meter> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    return new Meter(page, session);
  }

  /** What was used since the page began. */
  async read(): Promise<Cost> {
    const { metrics } = await this.session.send("Performance.getMetrics");
    const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      task: value("TaskDuration") * 1000,
      script: value("ScriptDuration") * 1000,
      style: value("RecalcStyleDuration") * 1000,
      layout: value("LayoutDuration") * 1000,
      heap: value("JSHeapUsedSize"),
    };
  }

  /** Bytes of the JavaScript heap that are still needed. */
  async heap(): Promise<number> {
    await this.session.send("HeapProfiler.collectGarbage");
    return (await this.read()).heap;
  }

  /** The times between frames for so long, in milliseconds. */
  async frames(milliseconds: number): Promise<number[]> {
    return this.page.evaluate(async (milliseconds) => {
      const times: number[] = [];
      const started = performance.now();
      await new Promise<void>((done) => {
        let before: number | undefined;
        const frame = (now: number) => {
          if (before !== undefined) times.push(now - before);
          before = now;
          if (now - started < milliseconds) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      });
      return times;
    }, milliseconds);
  }
}

/** What was used from one reading to another; the heap as in the latter. */
export function between(before: Cost, after: Cost): Cost {
  return {
    task: after.task - before.task,
    script: after.script - before.script,
    style: after.style - before.style,
    layout: after.layout - before.layout,
    heap: after.heap,
  };
}
