/** What has changed, sent to every open page as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { RunView } from './run-view.js';

/** The open pages. */
export interface EventStream {
  /** Answers with events until the page is closed; what there is, it receives at once. */
  readonly add: (response: ServerResponse) => void;
  /** Sends each page what it does not have yet. */
  readonly send: (views: readonly RunView[]) => void;
  /** Number of open pages. */
  readonly count: () => number;
  readonly close: () => void;
}

/** Milliseconds after which a page tries again when the connection is lost. */
const RETRY_MS = 2000;

/** Returns a stream without pages. */
export function openEvents(onFirst: () => void): EventStream {
  /** What each page has, by id. */
  const pages = new Map<ServerResponse, Map<string, string>>();
  return {
    count: () => pages.size,
    add: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`retry: ${RETRY_MS}\n\n`);
      pages.set(response, new Map());
      response.on('close', () => pages.delete(response));
      onFirst();
    },
    send: (views) => {
      const texts = new Map(views.map((view) => [view.id, JSON.stringify(view)]));
      for (const [response, sent] of pages) {
        // A page that does not keep up gets the newest state later, not every state.
        if (!response.writableNeedDrain) response.write(changesText(sent, texts));
      }
    },
    close: () => {
      for (const response of pages.keys()) response.end();
    },
  };
}

/** Returns the events that bring a page up to date, and notes that it has them. */
function changesText(sent: Map<string, string>, texts: ReadonlyMap<string, string>): string {
  const events: string[] = [];
  for (const [id, text] of texts) {
    if (sent.get(id) === text) continue;
    sent.set(id, text);
    events.push(`event: run\ndata: ${text}\n\n`);
  }
  for (const id of sent.keys()) {
    if (texts.has(id)) continue;
    sent.delete(id);
    events.push(`event: gone\ndata: ${JSON.stringify(id)}\n\n`);
  }
  return `${events.join('')}event: read\ndata: ${texts.size}\n\n`;
}
