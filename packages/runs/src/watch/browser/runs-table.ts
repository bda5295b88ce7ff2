/** The table of runs. */
import type { RunView } from '../run-view.js';
import { byId, setText, textElement } from './page.js';

/** Cells after the name and the state that hold numbers. */
const NUMERIC = 3;

/** What the states are called in the table, where there is little room. */
const SHORT: Readonly<Record<RunView['state'], string>> = {
  running: 'running',
  stopping: 'stopping',
  evaluating: 'evaluated now',
  stopped: 'stopped, resumable',
  finished: 'finished',
  diverged: 'diverged',
  unreadable: 'cannot be read',
};

/** Returns runs as the table lists them: those under way first, then the newest. */
export function inOrder(runs: Iterable<RunView>): readonly RunView[] {
  const isUnderWay = ({ state }: RunView): boolean =>
    state === 'running' || state === 'stopping' || state === 'evaluating';
  return [...runs].sort(
    (a, b) =>
      Number(isUnderWay(b)) - Number(isUnderWay(a)) ||
      b.started.localeCompare(a.started) ||
      a.id.localeCompare(b.id),
  );
}

/** Brings the table up to date; rows keep their elements, and with them the reader's focus. */
export function showTable(
  runs: readonly RunView[],
  { chosen, onChoose }: { readonly chosen: string; readonly onChoose: (id: string) => void },
): void {
  const body = byId('runs').querySelector('tbody');
  if (body === null) return;
  const rows = new Map([...body.rows].map((row) => [row.dataset['run'] ?? '', row]));
  for (const [i, run] of runs.entries()) {
    const row = rows.get(run.id) ?? newRow(run, onChoose);
    rows.delete(run.id);
    showRow(row, run);
    row.querySelector('button')?.setAttribute('aria-current', String(run.id === chosen));
    if (body.rows[i] !== row) body.insertBefore(row, body.rows[i] ?? null);
  }
  for (const row of rows.values()) row.remove();
  byId('none').hidden = runs.length > 0;
}

function newRow({ id, cells }: RunView, onChoose: (id: string) => void): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.dataset['run'] = id;
  const button = textElement('button', id);
  button.setAttribute('type', 'button');
  button.addEventListener('click', () => {
    onChoose(id);
  });
  const name = document.createElement('td');
  name.append(button);
  const state = document.createElement('td');
  state.append(textElement('span', '', 'state'));
  row.append(name, state);
  for (const i of cells.keys()) row.append(textElement('td', '', i < NUMERIC ? 'numeric' : ''));
  return row;
}

function showRow(row: HTMLTableRowElement, { state, stateText, cells }: RunView): void {
  const chip = row.querySelector<HTMLElement>('.state');
  if (chip !== null) {
    chip.dataset['state'] = state;
    setText(chip, SHORT[state]);
  }
  for (const [i, text] of cells.entries()) {
    const cell = row.cells[2 + i];
    const isReason = state === 'unreadable' && i === cells.length - 1;
    if (cell !== undefined) setText(cell, isReason ? stateText : text);
  }
}
