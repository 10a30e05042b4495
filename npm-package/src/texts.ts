/** A text for each plural category that a language has, where `other` is all that have none of their own. */
type Plurals = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The texts of the widget by their keys, English in the wasm. A test compares them with its own list. */
export interface Texts {
  title: string;
  loading: string;
  emptyTitle: string;
  emptyText: string;
  close: string;
  errorTitle: string;
  errorText: string;
  retry: string;
  expiredTitle: string;
  expiredText: string;
  expiredForGood: string;
  renew: string;
  forbiddenTitle: string;
  forbiddenText: string;
  active: string;
  inactive: string;
  pendingAuth: string;
  error: string;
  syncing: string;
  reconnecting: string;
  offline: string;
  completed: string;
  failed: string;
  cancelled: string;
  cancelling: string;
  waiting: string;
  synced: string;
  syncedOf: string;
  entities: string | Plurals;
  lastSynced: string;
  inserted: string;
  updated: string;
  deleted: string;
  kept: string;
  skipped: string;
  ofType: string;
  rate: string;
  remaining: string;
  noNews: string;
  syncFailed: string;
  progress: string;
  actions: string;
  syncAgain: string;
  reconnect: string;
  delete: string;
  confirmDelete: string;
  cancel: string;
  announcement: string;
}
