import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { markdownFormat } from './formats.js';
import { fillTemplate, type FilledTemplate } from './template.js';

const path = fileURLToPath(new URL('../../../../experiments/paper.md', import.meta.url));

/** Has every source that is asked for, but those of a table that is left out. */
function everything(without: string): Parameters<typeof fillTemplate>[1] {
  const has = (name: string): boolean => !name.startsWith(without);
  const names = { has, keys: () => [][Symbol.iterator]() } as unknown as ReadonlySet<string>;
  const metrics = { get: () => 'VALUE', has: () => true } as unknown as ReadonlyMap<string, string>;
  return {
    ...{ figures: names, tables: names },
    values: {
      get: (name: string) => (has(name) ? metrics : undefined),
    } as unknown as ReadonlyMap<string, ReadonlyMap<string, string>>,
  };
}

const format = markdownFormat({
  ...{ tables: new Map(), captions: new Map(), figurePath: (id) => id },
});

const filled = async (without: string): Promise<FilledTemplate> =>
  fillTemplate({ text: await readFile(path, 'utf8'), path }, everything(without), format);

test("no number of the paper's template is typed by hand", async () => {
  const text = (await readFile(path, 'utf8')).replace(/\{\{[^{}]*\}\}/g, '');
  expect(text.replaceAll('VGG-16', '').match(/.*\d.*/g)).toBeNull();
});

test.each(['table1', 'table2', 'table3'])('the paper can do without %s', async (table) => {
  const { text, tables } = await filled(table);
  expect(tables).not.toContain(table);
  expect(text).toContain('VALUE');
  expect(text).not.toContain('{{');
});
