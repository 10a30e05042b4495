/**
 * What the host does when an end user asks for it in a row's menu, by connection. The menu offers what is given here, as
 * far as the session's mode allows it. Each may be async: the widget is brought up to date once it is done.
 */
export interface ConnectActions {
  /** Starts a sync, which the widget then follows. Also offered as "Try again" where a sync has failed. */
  sync?: (connectionId: string) => unknown;
  /** Lets the end user give other credentials. */
  reconnect?: (connectionId: string) => unknown;
  /** Deletes the connection. The end user has confirmed it. */
  delete?: (connectionId: string) => unknown;
}

/** What the widget says when something is asked for. */
export interface AskedAction {
  action: keyof ConnectActions;
  connectionId: string;
}
