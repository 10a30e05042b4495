/** A worker's message. */
export interface Progress {
  inserted: number;
  updated: number;
  deleted: number;
  kept: number;
  skipped: number;
  entities_encountered: Record<string, number>;
  is_complete?: boolean;
  is_failed?: boolean;
  status?: string;
  total?: number;
  error?: string;
  seq?: number;
}

/** A message that says `inserted` and the given members; ten were there before, two are gone. */
export function progress(inserted: number, more: Partial<Progress> = {}): Progress {
  return { inserted, updated: 0, deleted: 2, kept: 10, skipped: 0, entities_encountered: { Message: inserted }, ...more };
}
