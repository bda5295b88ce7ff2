import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataError } from '@janus/core';
import { checkImport, finishImport, newRow, type ImportOptions } from './importing.js';
import { LABELLINGS } from './labellings.js';
import type { ManifestRow, Reject, StepResult } from '../manifest/manifest.js';
import { readTable, type TableRow } from '../manifest/tables.js';

/** Names of parties differ between the sources; these are the ones that occur, by their beginning. */
const PARTIES: readonly (readonly [RegExp, string])[] = [
  [/^democrat/i, 'democrat'],
  [/^republican/i, 'republican'],
  [/^independent/i, 'independent'],
];

function partyOf(text: string): string {
  return PARTIES.find(([pattern]) => pattern.test(text))?.[1] ?? text.toLowerCase();
}

/**
 * Imports members of the US Congress: `members.csv` (name, icpsr, party, image) with the photos, joined
 * by ICPSR number to `legislators-{current,historical}.csv` for gender, birth date and the Bioguide id,
 * which is the identity (one person can have two ICPSR numbers, with two parties).
 *
 * @throws DataError when a file is missing
 */
export async function importCongress(input: string, options: ImportOptions): Promise<StepResult> {
  await checkImport(input, options);
  const root = resolve(input);
  const need = ['members.csv', 'legislators-current.csv', 'legislators-historical.csv'];
  const absent = need.find((name) => !existsSync(join(root, name)));
  if (absent !== undefined) {
    throw new DataError(
      `${input}: a congress folder has ${need.join(', ')}, but ${absent} is not here. Name the folder that holds them.`,
      { path: input },
    );
  }
  const people = new Map<string, TableRow>();
  for (const name of ['legislators-historical.csv', 'legislators-current.csv']) {
    for (const person of await readTable(join(root, name), { allText: true })) {
      const icpsr = String(person['icpsr_id'] ?? '');
      if (icpsr !== '') people.set(icpsr.padStart(6, '0'), person);
    }
  }
  const rows: ManifestRow[] = [];
  const rejects: Reject[] = [];
  const seen = new Set<string>();
  const members = await readTable(join(root, 'members.csv'), { allText: true });
  members.forEach((member, i) => {
    const image = String(member['image'] ?? '');
    const icpsr = String(member['icpsr'] ?? '').padStart(6, '0');
    const path = [join(root, image), join(root, 'photos', image)].find((each) => existsSync(each));
    const person = people.get(icpsr);
    const reject = (reason: string): void => {
      rejects.push({ row: i + 2, path: image, reason });
    };
    if (image === '') reject('no picture named');
    else if (path === undefined) reject('missing file');
    else if (person === undefined) reject('no legislator with this ICPSR number');
    else if (seen.has(icpsr)) reject('ICPSR number occurs before');
    else {
      seen.add(icpsr);
      rows.push(
        newRow({
          id: icpsr,
          path,
          identity: String(person['bioguide_id'] ?? icpsr),
          labels: {
            gender: String(person['gender']) === 'F' ? 'female' : 'male',
            party: partyOf(String(member['party'] ?? '')),
            born: Number(String(person['birthday'] ?? '').slice(0, 4)) || null,
            congress: Number(member['congress']) || null,
          },
        }),
      );
    }
  });
  return await finishImport(options.out, {
    rows,
    rejects,
    source: 'US Congress (photos by voteview, people by congress-legislators)',
    licence: 'pictures mostly US government works; people CC0',
    labelling: LABELLINGS.congress,
    options: {},
  });
}
