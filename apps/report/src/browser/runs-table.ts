/** The table of runs: searched, sorted, and two of them chosen. */
import { compareCells, matches, type SortKey } from './row-order.js';

/** What the table tells the page. */
export interface RunsTableOptions {
  /** Receives the ids of two runs, in the order in which they were chosen. */
  readonly onCompare: (first: string, second: string) => void;
}

/** As many runs as are compared. */
const PAIR = 2;

/** Makes the table of runs answer; does nothing where the page has none. */
export function runsTable(options: RunsTableOptions): void {
  const section = document.getElementById('runs');
  const body = section?.querySelector('tbody');
  if (section === null || body === null || body === undefined) return;
  const rows = [...body.rows];
  search(section, rows);
  for (const button of section.querySelectorAll<HTMLButtonElement>('th button')) {
    button.addEventListener('click', () => {
      sortBy(button, body);
    });
  }
  choosePair(section, options);
}

function search(section: HTMLElement, rows: readonly HTMLTableRowElement[]): void {
  const input = section.querySelector<HTMLInputElement>('input[type=search]');
  const kind = section.querySelector<HTMLSelectElement>('select');
  const count = section.querySelector('output');
  const links = [...document.querySelectorAll<HTMLElement>('nav [data-run]')];
  const filter = (): void => {
    const shown = new Set<string>();
    for (const row of rows) {
      const isShown =
        matches(row.dataset['words'] ?? '', input?.value ?? '') &&
        (kind?.value === '' || row.dataset['kind'] === kind?.value);
      row.hidden = !isShown;
      if (isShown) shown.add(row.dataset['run'] ?? '');
    }
    for (const link of links) link.hidden = !shown.has(link.dataset['run'] ?? '');
    if (count !== null) count.textContent = `${shown.size} of ${rows.length} runs`;
  };
  input?.addEventListener('input', filter);
  kind?.addEventListener('change', filter);
  filter();
}

/** Sorts by a column; a second time, the other way round. */
function sortBy(button: HTMLButtonElement, body: HTMLTableSectionElement): void {
  const head = button.closest('th');
  if (head === null) return;
  const direction = head.ariaSort === 'ascending' ? -1 : 1;
  for (const each of head.parentElement?.children ?? []) each.removeAttribute('aria-sort');
  head.ariaSort = direction === 1 ? 'ascending' : 'descending';
  const keyOf = (row: HTMLTableRowElement): SortKey => {
    const cell = row.cells[head.cellIndex];
    const value = cell?.dataset['value'] ?? cell?.textContent ?? '';
    return { value, numeric: head.classList.contains('numeric') };
  };
  const sorted = [...body.rows].sort((a, b) => compareCells(keyOf(a), keyOf(b), direction));
  body.append(...sorted);
}

function choosePair(section: HTMLElement, { onCompare }: RunsTableOptions): void {
  const boxes = [...section.querySelectorAll<HTMLInputElement>('tbody input[type=checkbox]')];
  const button = section.querySelector<HTMLButtonElement>('button.compare');
  if (button === null) return;
  const chosen: HTMLInputElement[] = [];
  const tell = (): void => {
    button.disabled = chosen.length !== PAIR;
  };
  for (const box of boxes) {
    // A page that was reloaded keeps its boxes checked.
    box.checked = false;
    box.addEventListener('change', () => {
      if (box.checked) chosen.push(box);
      else chosen.splice(chosen.indexOf(box), 1);
      const oldest = chosen.length > PAIR ? chosen.shift() : undefined;
      if (oldest !== undefined) oldest.checked = false;
      tell();
    });
  }
  button.addEventListener('click', () => {
    const [first, second] = chosen;
    if (first !== undefined && second !== undefined) onCompare(first.value, second.value);
  });
  tell();
}
