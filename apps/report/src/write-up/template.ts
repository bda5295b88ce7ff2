/** Templates of a write-up: text with placeholders, each of which must have a source. */
import { DataError } from '@janus/core';

/** What a placeholder names. */
export interface TemplateSources {
  /** Text by metric by source. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Ids of figures and images. */
  readonly figures: ReadonlySet<string>;
  /** Ids of tables. */
  readonly tables: ReadonlySet<string>;
}

/** How placeholders become text in a format. */
export interface TemplateFormat {
  readonly value: (text: string) => string;
  /** @param number from 1, in the order of the text */
  readonly figure: (figure: PlacedItem) => string;
  readonly table: (table: PlacedItem) => string;
  readonly reference: (item: {
    readonly kind: ItemKind;
    readonly id: string;
    readonly number: number;
  }) => string;
}

/** What has a number and a caption. */
export type ItemKind = 'figure' | 'table';

/** A figure or table where it stands. */
export interface PlacedItem {
  readonly id: string;
  /** From 1, in the order of the text. */
  readonly number: number;
  /** Caption of the template, values filled in; undefined where it has none. */
  readonly caption: string | undefined;
}

/** A template with everything filled in. */
export interface FilledTemplate {
  readonly text: string;
  /** Placeholders that were filled. */
  readonly count: number;
  /** Ids in the order of the text. */
  readonly figures: readonly string[];
  readonly tables: readonly string[];
}

/** A line of the template, with its number for errors. */
interface Line {
  readonly number: number;
  readonly text: string;
}

/** Ids that an error lists. */
const LISTED = 12;

/** A placeholder, `{{kind:name}}` or `{{figure:id|caption}}`; a caption holds values at most. */
const PLACEHOLDER = /\{\{\s*([a-z]+)\s*:\s*([^{}|]*?)\s*(?:\|((?:[^{}]|\{\{[^{}]*\}\})*))?\}\}/g;

/**
 * Fills in a template: `{{value:source.metric}}`, `{{figure:id|caption}}`, `{{table:id|caption}}`, `{{ref:figure:id}}` for a
 * figure's number, and lines from `{{if table:id}}` (or `figure:`, `value:`) over `{{else}}` to `{{end}}`.
 *
 * @param template its text and its file, which errors name
 * @throws DataError when a placeholder has no source: file, line, placeholder, and what there is
 */
export function fillTemplate(
  template: { readonly text: string; readonly path: string },
  sources: TemplateSources,
  format: TemplateFormat,
): FilledTemplate {
  const { path } = template;
  const lines = keptLines(template, sources);
  const numbers = numbersOf(lines);
  let count = 0;
  const filled = (line: Line, text: string): string =>
    text.replace(PLACEHOLDER, (whole: string, ...groups: readonly (string | undefined)[]) => {
      const [kind = '', name = '', caption] = groups;
      count++;
      const fail = (reason: string): never => {
        throw new DataError(`${path}:${line.number}: ${whole} ${reason}`, { path });
      };
      const words = caption === undefined ? undefined : filled(line, caption.trim());
      const placed = (id: string): number => numbers.get(id) ?? 0;
      switch (kind) {
        case 'value':
          return format.value(valueOf(name, sources, fail));
        case 'figure':
        case 'table':
          checkItem({ kind, id: name }, sources, fail);
          return format[kind]({ id: name, number: placed(`${kind}:${name}`), caption: words });
        case 'ref': {
          const [of = '', id = ''] = name.split(':');
          if (of !== 'figure' && of !== 'table')
            return fail('must name figure:<id> or table:<id>.');
          if (!numbers.has(`${of}:${id}`)) {
            return fail(`refers to a ${of} that the text does not show. Add {{${of}:${id}}}.`);
          }
          return format.reference({ kind: of, id, number: placed(`${of}:${id}`) });
        }
        default:
          return fail('is not a placeholder: there are value, figure, table and ref.');
      }
    });
  const text = lines.map((line) => filled(line, line.text)).join('\n');
  const open = lines.find((line) => line.text.replace(PLACEHOLDER, '').includes('{{'));
  if (open !== undefined) {
    throw new DataError(
      `${path}:${open.number}: ${open.text.trim()} has a {{ that no placeholder begins with. Write {{value:source.metric}}, {{figure:id}} or {{table:id}}.`,
      { path },
    );
  }
  const shown = (kind: ItemKind): readonly string[] =>
    [...numbers.keys()].flatMap((key) =>
      key.startsWith(`${kind}:`) ? [key.slice(kind.length + 1)] : [],
    );
  return { text, count, figures: shown('figure'), tables: shown('table') };
}

/** Returns the number of each figure and table, those of a kind counted from 1. */
function numbersOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const counts = { figure: 0, table: 0 };
  for (const { text } of lines) {
    for (const [, kind = '', name = ''] of text.matchAll(PLACEHOLDER)) {
      if (kind !== 'figure' && kind !== 'table') continue;
      if (!numbers.has(`${kind}:${name}`)) numbers.set(`${kind}:${name}`, ++counts[kind]);
    }
  }
  return numbers;
}

function valueOf(
  name: string,
  { values }: TemplateSources,
  fail: (reason: string) => never,
): string {
  const dot = name.indexOf('.');
  const source = dot === -1 ? name : name.slice(0, dot);
  const metrics = values.get(source);
  if (metrics === undefined) {
    return fail(
      `has no source ${source}; there are ${listOf([...values.keys()])}. Correct the name, or train what it needs.`,
    );
  }
  const metric = dot === -1 ? '' : name.slice(dot + 1);
  const text = metrics.get(metric);
  if (text !== undefined) return text;
  return fail(
    `has no source; ${source} has ${listOf(near(metric, [...metrics.keys()]))}. Correct the name, or measure it.`,
  );
}

function checkItem(
  { kind, id }: { readonly kind: ItemKind; readonly id: string },
  { figures, tables }: TemplateSources,
  fail: (reason: string) => never,
): void {
  const known = kind === 'figure' ? figures : tables;
  if (known.has(id)) return;
  const there = known.size === 0 ? 'are none' : `are ${listOf(near(id, [...known]))}`;
  fail(`has no source; there ${there}. Correct the name, or train what it needs.`);
}

/** Returns names with those first that share the most letters at the beginning or the end with one that is missing. */
function near(name: string, known: readonly string[]): readonly string[] {
  const shared = (other: string): number => {
    let [head, tail] = [0, 0];
    while (head < name.length && name[head] === other[head]) head++;
    while (tail < name.length && name.at(-1 - tail) === other.at(-1 - tail)) tail++;
    return head + tail;
  };
  return [...known].sort((a, b) => shared(b) - shared(a));
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ');
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown;
}

const CONDITION = /^\s*\{\{\s*if\s+(value|figure|table)\s*:\s*([^{}]+?)\s*\}\}\s*$/;
const ELSE = /^\s*\{\{\s*else\s*\}\}\s*$/;
const END = /^\s*\{\{\s*end\s*\}\}\s*$/;

/** Returns the lines whose conditions hold. */
function keptLines(
  { text, path }: { readonly text: string; readonly path: string },
  sources: TemplateSources,
): readonly Line[] {
  const kept: Line[] = [];
  const open: { readonly number: number; readonly holds: boolean; isElse: boolean }[] = [];
  text.split('\n').forEach((line, i) => {
    const number = i + 1;
    const condition = CONDITION.exec(line);
    const innermost = open.at(-1);
    if (condition !== null) {
      const [, kind = '', name = ''] = condition;
      open.push({ number, holds: hasSource({ kind, name }, sources), isElse: false });
    } else if (ELSE.test(line) || END.test(line)) {
      if (innermost === undefined) {
        throw new DataError(
          `${path}:${number}: ${line.trim()} belongs to an {{if ...}} above it, but there is none. Remove it.`,
          { path },
        );
      }
      if (END.test(line)) open.pop();
      else innermost.isElse = true;
    } else if (open.every(({ holds, isElse }) => holds !== isElse)) {
      kept.push({ number, text: line });
    }
  });
  const [left] = open;
  if (left === undefined) return kept;
  throw new DataError(
    `${path}:${left.number}: an {{if ...}} must end with {{end}}, but does not. Add it.`,
    {
      path,
    },
  );
}

function hasSource(
  { kind, name }: { readonly kind: string; readonly name: string },
  { values, figures, tables }: TemplateSources,
): boolean {
  if (kind === 'figure') return figures.has(name);
  if (kind === 'table') return tables.has(name);
  const [source = '', ...metric] = name.split('.');
  const metrics = values.get(source);
  return metric.length === 0 ? metrics !== undefined : metrics?.has(metric.join('.')) === true;
}
