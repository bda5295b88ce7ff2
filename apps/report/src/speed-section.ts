/** What `janus bench` found: how fast, beside whom, with how much memory. */
import {
  type BenchLeftOut,
  type BenchRecord,
  type BenchRow,
  type BenchTrial,
  countText,
  html,
  type Html,
} from '@janus/core';
import { speedRatios } from '@janus/figures';
import { table } from './html.js';
import { figureBlock, type CaptionedFigure, type Section } from './page-parts.js';

/** Returns a figure with three digits. */
function digits(value: number): string {
  return value >= 1000 ? countText(Math.round(value)) : Number(value.toPrecision(3)).toString();
}

function ratioCell({ ratio, ratios, rounds }: BenchRow): Html | string {
  if (ratio === null) return '';
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return html`${ratio.toFixed(2)}<br /><span class="muted small">${range}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}</span>`;
}

const memoryCell = (mb: number | null): string => (mb === null ? '' : `${countText(mb)} MB`);

function rowsTable(rows: readonly BenchRow[]): Html {
  return table<BenchRow>(
    [
      { title: 'Work', cell: (row) => row.title },
      { title: 'Peer', cell: (row) => row.peer ?? 'none measured' },
      { title: 'Janus', cell: (row) => `${digits(row.ours)} ${row.unit}`, numeric: true },
      {
        title: 'Peer’s',
        cell: (row) => (row.theirs === null ? '' : `${digits(row.theirs)} ${row.unit}`),
        numeric: true,
      },
      { title: 'Times as fast', cell: ratioCell, numeric: true },
      { title: 'Peak memory', cell: (row) => memoryCell(row.oursPeakRssMb), numeric: true },
      { title: 'Peer’s', cell: (row) => memoryCell(row.theirsPeakRssMb), numeric: true },
    ],
    rows,
  );
}

function settingsTable(rows: readonly BenchRow[]): Html {
  return html`<details><summary>Settings of both sides</summary>${table<BenchRow>(
    [
      { title: 'Work', cell: (row) => html`<code>${row.work}</code>` },
      { title: 'Janus', cell: (row) => row.config },
      { title: 'Peer', cell: (row) => row.peerConfig ?? '' },
      { title: 'Measured', cell: (row) => row.measured.slice(0, 10) },
    ],
    rows,
  )}</details>`;
}

function triedTable(tried: readonly BenchTrial[]): Html {
  return html`<details><summary>${tried.length} more settings of peers that were slower than their best</summary>${table<BenchTrial>(
    [
      { title: 'Work', cell: (each) => html`<code>${each.work}</code>` },
      { title: 'Settings', cell: (each) => each.peerConfig },
      { title: 'Peer’s', cell: (each) => `${digits(each.theirs)} ${each.unit}`, numeric: true },
      { title: 'Times as fast', cell: (each) => each.ratio.toFixed(2), numeric: true },
      { title: 'Rounds', cell: (each) => each.rounds, numeric: true },
    ],
    tried,
  )}</details>`;
}

function leftOutTable(leftOut: readonly BenchLeftOut[]): Html {
  return html`<h3>Left out</h3>${table<BenchLeftOut>(
    [
      { title: 'Work', cell: (each) => html`<code>${each.work}</code>` },
      { title: 'Peer', cell: (each) => `${each.peer}: ${each.peerConfig}` },
      { title: 'Why', cell: (each) => each.reason },
    ],
    leftOut,
  )}`;
}

/** Returns the measured speed as a chart and tables. */
export function speedSection({ device, versions, rows, tried, leftOut }: BenchRecord): Section {
  const compared = rows.flatMap(({ title, peer, ratio, ratios }) =>
    peer === null || ratio === null ? [] : [{ work: title, peer, ratio, ratios }],
  );
  const figures: CaptionedFigure[] =
    compared.length === 0
      ? []
      : [
          {
            id: 'speed-ratios',
            figure: speedRatios(compared),
            caption:
              'Both sides were measured in turn, each time in a process of its own; a ratio is of two neighbours. The bars are the lowest and the highest round.',
          },
        ];
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return {
    id: 'speed',
    title: 'Speed',
    body: html`<p>Measured on ${device} with ${libraries.join(', ')}. Figures of one machine and day: the ratios say more than the figures.</p>
${figures.map(figureBlock)}
${rowsTable(rows)}
${settingsTable(rows)}
${tried.length === 0 ? '' : triedTable(tried)}
${leftOut.length === 0 ? '' : leftOutTable(leftOut)}`,
    figures,
  };
}
