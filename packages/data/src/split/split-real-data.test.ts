import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hashOfText } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importFolder } from '../sources/import-folder.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { makeDataFolder } from './data-folder.fixture.js';
import { checkSplit } from './split-check.js';
import { splitDataset } from './split.js';
import { readTable } from '../manifest/tables.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-real-split-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const REAL = process.env['JANUS_REAL_DATA'] ?? '../shared/data';
const why = (name: string): string =>
  existsSync(join(REAL, name)) ? '' : ' (skipped: no real data, see JANUS_REAL_DATA)';

describe('real data', () => {
  const horses = join(REAL, 'horse2zebra');
  it.skipIf(why('horse2zebra') !== '')(
    `horse2zebra: an image that is put into trainA and testA is the one leak${why('horse2zebra')}`,
    async () => {
      const whole = join(root, 'horses');
      await importFolder(horses, { out: whole });
      // The part at hand repeats two images, both within trainB.
      expect((await checkSplit(whole)).leaks).toEqual({});
      const planted = join(root, 'planted-horses');
      for (const part of ['trainA', 'testA', 'trainB', 'testB']) {
        await mkdir(join(planted, part), { recursive: true });
        for (const name of (await readdir(join(horses, part))).slice(0, 40)) {
          await copyFile(join(horses, part, name), join(planted, part, name));
        }
      }
      const [name = ''] = await readdir(join(horses, 'trainA'));
      await copyFile(join(horses, 'trainA', name), join(planted, 'testA', name));
      const out = join(root, 'planted-horses-data');
      await importFolder(planted, { out });
      expect((await checkSplit(out)).leaks).toEqual({ exact: { clusters: 1, rows: 2 } });
      const table = await readTable(join(out, 'leaks.parquet'));
      expect(table.map(({ id }) => id)).toEqual([`testA/${name}`, `trainA/${name}`]);
    },
  );

  it.skipIf(why('congress') !== '')(
    `congress: people with two numbers, one a party, leak from a split by number, but not from ours${why('congress')}`,
    async () => {
      const congress = join(REAL, 'congress');
      const members = await readTable(join(congress, 'members.csv'), { allText: true });
      const numbers = new Map<string, ManifestRow>();
      for (const { image, icpsr, party } of members) {
        const path = resolve(congress, 'photos', String(image));
        const id = String(icpsr);
        if (image === null || numbers.has(id) || !existsSync(path)) continue;
        const split = hashOfText(id) % 4 === 0 ? 'test' : 'train';
        numbers.set(
          id,
          newRow({ id, path, identity: id, split, labels: { party: party ?? null } }),
        );
      }
      const out = await makeDataFolder(join(root, 'congress'), [...numbers.values()]);
      const { leaks } = await checkSplit(out);
      expect(leaks.exact?.clusters).toBeGreaterThan(0);
      const table = await readTable(join(out, 'leaks.parquet'));
      const parties = new Map<unknown, Set<unknown>>();
      for (const { cluster, id } of table) {
        const party = numbers.get(String(id))?.labels['party'];
        parties.set(cluster, (parties.get(cluster) ?? new Set()).add(party));
      }
      expect([...parties.values()].filter((each) => each.size > 1).length).toBeGreaterThan(0);
      await splitDataset(out, { stratify: ['party'] });
      expect((await checkSplit(out)).leaks).toEqual({});
    },
  );
});
