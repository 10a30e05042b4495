import { Component, computed, CUSTOM_ELEMENTS_SCHEMA, signal } from "@angular/core";
import "connect-widget";
import type { ConnectWidgetEvents } from "connect-widget";

@Component({
  selector: "app-sources",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <h1>Sources</h1>
    <connect-widget [apiUrl]="apiUrl" [getSessionToken]="getSessionToken" (sync-complete)="count($event)">
      <p>Your sources will appear here.</p>
    </connect-widget>
    <p role="status">{{ news() }}</p>
  `,
})
export class Sources {
  readonly apiUrl = "http://127.0.0.1:8080";
  readonly ready = signal(0);
  readonly news = computed(() => this.ready() > 0 && `${this.ready().toLocaleString("en")} items are ready to search.`);

  async getSessionToken(): Promise<string> {
    const answer = await fetch("/session", { method: "POST" });
    return (await answer.json()).session_token;
  }

  count({ detail: { progress } }: ConnectWidgetEvents["sync-complete"]) {
    this.ready.set(progress.inserted + progress.updated + progress.kept);
  }
}
