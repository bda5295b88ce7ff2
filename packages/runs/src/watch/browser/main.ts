/** The page's script: takes the events of the command, and shows the runs. */
import type { RunView } from '../run-view.js';
import { openDetail } from './detail.js';
import { byId, say, setText } from './page.js';
import { inOrder, showTable } from './runs-table.js';

const runs = new Map<string, RunView>();
const detail = openDetail();
let hasAll = false;

/** Returns the run that the address names. */
const named = (): string => decodeURIComponent(location.hash.slice(1));

function show(): void {
  const listed = inOrder(runs.values());
  const chosen = runs.get(named()) ?? listed[0];
  showTable(listed, {
    chosen: chosen?.id ?? '',
    onChoose: (id) => {
      location.hash = encodeURIComponent(id);
      byId('detail').focus();
    },
  });
  detail.show(chosen);
}

const events = new EventSource('/events');
events.addEventListener('run', ({ data }: MessageEvent<string>) => {
  const run = JSON.parse(data) as RunView;
  const before = runs.get(run.id)?.state;
  runs.set(run.id, run);
  if (hasAll && before !== run.state) say(`${run.id}: ${run.stateText}`);
});
events.addEventListener('gone', ({ data }: MessageEvent<string>) => {
  runs.delete(JSON.parse(data) as string);
});
events.addEventListener('read', () => {
  hasAll = true;
  setText(byId('connection'), 'live');
  show();
});
events.addEventListener('open', () => {
  // After a break, all runs come again; those that have gone do not.
  runs.clear();
  hasAll = false;
});
events.addEventListener('error', () => {
  setText(
    byId('connection'),
    'not connected: `janus watch` has ended; what is shown is the last it sent',
  );
});
addEventListener('hashchange', show);
// The address names the chosen run, so the link must not change it.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  byId('detail').focus();
});
