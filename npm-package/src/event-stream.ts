/** One dispatched event, or a new `retry`: WHATWG HTML, "Interpreting an event stream". */
export interface StreamItem {
  /** The id that is the last one from here on. */
  lastEventId?: string;
  data?: string;
  /** In milliseconds. */
  retry?: number;
}

/** The longest line that is kept, in UTF-16 code units: far more than the service sends. */
const MAX_LINE = 1 << 20;

/** Makes items of the text of an event stream, however it is cut into pieces. */
export class EventStreamParser {
  #rest = "";
  #data: string[] = [];
  #lastEventId: string | undefined;
  #retry: number | undefined;

  /** The items that are whole with this piece. Throws for a line without end. */
  push(piece: string): StreamItem[] {
    const text = this.#rest + piece;
    const items: StreamItem[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/g)) {
      // The other half of it may be on its way.
      if (end === "\r" && index + 1 === text.length) break;
      const item = this.#line(text.slice(from, index));
      if (item) items.push(item);
      from = index + end.length;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > MAX_LINE) throw new Error("the event stream has a line without end");
    return items;
  }

  #line(line: string): StreamItem | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    if (field === "id" && !value.includes("\0")) this.#lastEventId = value;
    if (field === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);
    return undefined;
  }

  #dispatch(): StreamItem | undefined {
    const item: StreamItem = {
      ...(this.#lastEventId !== undefined && { lastEventId: this.#lastEventId }),
      ...(this.#data.length > 0 && { data: this.#data.join("\n") }),
      ...(this.#retry !== undefined && { retry: this.#retry }),
    };
    this.#data = [];
    this.#lastEventId = this.#retry = undefined;
    return Object.keys(item).length > 0 ? item : undefined;
  }
}
