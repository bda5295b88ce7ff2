import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { janus, janusJson } from './janus.js';

/**
 * A stand-in for a Python that has torch, which prints what torch_peer.py prints: two workers are ten
 * times as fast as none, and bench.log holds the arguments of each call.
 */
const FAKE_PYTHON = `#!/usr/bin/env node
const [first, second, ...args] = process.argv.slice(2);
if (first === '-c') {
  if (second.includes('torch')) { console.log('9.9.9'); process.exit(0); }
  console.error('Traceback:\\nModuleNotFoundError: No module named keras');
  process.exit(1);
}
require('node:fs').appendFileSync('bench.log', [second, ...args].join(' ') + '\\n');
const workers = Number(args[args.indexOf('--workers') + 1]);
if (process.env.MALLOC_MMAP_MAX_ !== undefined) throw new Error('not a plain environment');
console.log(JSON.stringify({
  peer: 'torch 9.9.9', work: second, config: { size: 224, workers, threads: 2 },
  value: workers === 2 ? 1e9 : 1e8, unit: 'img/s', peak_rss_mb: 42,
}));
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-bench-e2e-'));
  for (const each of ['peers', 'empty']) await mkdir(join(folder, each));
  await janusJson(['data', 'import', 'synthetic', '2', '--out', 'faces'], folder);
  for (const name of ['torch_peer.py', 'keras_peer.py']) {
    await writeFile(join(folder, 'peers', name), '');
  }
  await writeFile(join(folder, 'python'), FAKE_PYTHON);
  await chmod(join(folder, 'python'), 0o755);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const PEERS = ['--peers', 'peers', '--peer-python', './python'];

describe('janus bench', () => {
  it('alternates both sides, takes the best candidate, and writes what the report shows', async () => {
    const args = ['bench', '--workloads', 'jpeg', '--images', 'faces', '--rounds', '2'];
    const found = await janusJson([...args, ...PEERS], folder);
    const rows = found['rows'] as Record<string, unknown>[];
    expect(rows.map((row) => [row['work'], row['peer'], row['theirs'], row['rounds']])).toEqual([
      ['jpeg', 'PyTorch default', 1e8, 2],
      ['jpeg', 'PyTorch best', 1e9, 2],
    ]);
    for (const row of rows) {
      const { ours, theirs, ratios } = row as { ours: number; theirs: number; ratios: number[] };
      expect(ratios).toHaveLength(2);
      for (const ratio of ratios) expect(ratio).toBeLessThan(1);
      expect(ours).toBeLessThan(theirs);
      expect(row).toMatchObject({ unit: 'img/s', theirsPeakRssMb: 42 });
      expect(row['peerConfig']).toMatch(/^torch 9\.9\.9, size 224, workers [02], threads 2, plain/);
      expect(row['config']).toMatch(/size 224.*faces/);
    }
    expect(found['versions']).toMatchObject({ torch: '9.9.9' });
    const log = (await readFile(join(folder, 'bench.log'), 'utf8')).trim().split('\n');
    expect(log).toHaveLength(4);
    expect(log[0]).toBe(`jpeg --size 224 --workers 0 --folder ${join(folder, 'faces')}`);
    expect(log[1]).toContain('--workers 2');
    expect(JSON.parse(await readFile(join(folder, 'runs', 'bench.json'), 'utf8'))).toEqual(found);

    const reported = await janus(['report', '--runs', 'runs', '--out', 'report'], folder);
    expect(reported.status, reported.err).toBe(0);
    expect(await readFile(join(folder, 'report', 'index.html'), 'utf8')).toContain('id="speed"');
  });

  it('keeps the figures of other workloads, and measures ours alone; the old flag works', async () => {
    const args = ['bench', '--works', 'later-epochs', '--images', 'faces', '--rounds', '1'];
    const { out, err } = await janus([...args, '--json'], folder);
    expect(err).toMatch(/^--works is now --workloads; /m);
    const { rows } = JSON.parse(out) as { rows: unknown };
    const peers = (rows as Record<string, unknown>[]).map((row) => [row['work'], row['peer']]);
    expect(peers).toEqual([
      ['jpeg', 'PyTorch default'],
      ['jpeg', 'PyTorch best'],
      ['later-epochs', null],
    ]);
  });
});

describe('one line, exit 1', () => {
  const expectLine = async (args: readonly string[], pattern: RegExp): Promise<void> => {
    const { status, out, err } = await janus(['bench', ...args], folder);
    expect(err.split('\n').filter((line) => line.startsWith('janus: '))).toHaveLength(1);
    expect(err).toMatch(pattern);
    expect(err).not.toContain('    at ');
    expect(out).toBe('');
    expect(status).toBe(1);
  };

  it('an unknown workload', async () => {
    await expectLine(
      ['--workloads', 'swim'],
      /--workloads must be some of vgg-predict, .*got swim\./,
    );
  });

  it('a batch size of workloads that have their own', async () => {
    await expectLine(
      ['--workloads', 'jpeg,bytes-maps', '--batch', '64'],
      /--batch and --size are of workloads of bytes alone/,
    );
  });

  it('a missing folder of peers, and one without scripts', async () => {
    await expectLine(['--peers', 'absent'], /--peers must be a folder .*absent is not a folder/);
    await expectLine(['--peers', 'empty'], /--peers must hold torch_peer\.py, but empty does not/);
  });

  it('a missing Python, and one without the library', async () => {
    const jpeg = ['--workloads', 'jpeg', '--peers', 'peers'];
    await expectLine(
      [...jpeg, '--peer-python', '/absent/python'],
      /--peer-python must be a Python with torch, but .*ENOENT.*pip install/,
    );
    await expectLine(
      ['--workloads', 'frozen-head', '--peers', 'peers', '--keras-python', './python'],
      /--keras-python must be a Python with keras.*No module named keras/,
    );
  });

  it('a missing folder of images', async () => {
    await expectLine(['--workloads', 'jpeg', '--images', 'absent'], /--images must be a folder/);
  });
});

it('--peer-python without --peers is a usage error: status 2', async () => {
  const { status, err } = await janus(['bench', '--peer-python', 'python3'], folder);
  expect(err).toMatch(/--peer-python and --keras-python need --peers/);
  expect(status).toBe(2);
});
