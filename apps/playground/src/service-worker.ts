/** What keeps a served page usable without the server. */
import { createHash } from 'node:crypto';
import type { PageFile } from './page-parts.js';

/**
 * Returns the service worker of a page's files: it stores all of them when the page is first opened, and answers from
 * there. Its text changes with any of them, so that a new page replaces the old one.
 */
export function serviceWorker(files: readonly PageFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(path).update(content);
  const paths = ['./', ...files.map(({ path }) => path)];
  return `const STORE = ${JSON.stringify(`janus-playground-${hash.digest('hex').slice(0, 16)}`)};
const FILES = ${JSON.stringify(paths)};
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const own = (name) => name.startsWith('janus-playground-') && name !== STORE;
  const clean = caches.keys().then((names) => Promise.all(names.filter(own).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  const found = caches.open(STORE).then((store) => store.match(event.request, { ignoreSearch: true }));
  event.respondWith(found.then((answer) => answer ?? fetch(event.request)));
});
`;
}
