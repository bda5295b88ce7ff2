import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importFolder } from '../sources/import-folder.js';
import { cleanDataset } from './clean.js';

const REAL =
  process.env['JANUS_REAL_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data');
const HORSES = join(REAL, 'horse2zebra');

describe.skipIf(!existsSync(HORSES))(
  `real images (skipped where ${HORSES} is absent: JANUS_REAL_DATA names the folder)`,
  () => {
    it('horse2zebra loses its repeated images, and no good one', async () => {
      const root = await mkdtemp(join(tmpdir(), 'janus-clean-'));
      const out = join(root, 'horses');
      await importFolder(HORSES, { out });
      const { reasons, rows, rejected } = await cleanDataset(out);
      expect(rows + rejected).toBeGreaterThan(200);
      const repeated = (reasons['duplicate'] ?? 0) + (reasons['near duplicate'] ?? 0);
      expect(repeated).toBeGreaterThan(0);
      expect(rejected).toBe(repeated);
      await rm(root, { recursive: true });
    });
  },
);
