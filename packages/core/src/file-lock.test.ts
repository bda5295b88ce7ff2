import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFile, type LockOwner } from './file-lock.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-lock-'));
  path = join(folder, 'run.lock');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Plants the lock of this process, changed, as another process would have left it. */
async function plant(change: Partial<LockOwner>): Promise<LockOwner> {
  const lock = await lockFile(path, 'training');
  const own = JSON.parse(await readFile(path, 'utf8')) as LockOwner;
  await lock.release();
  const owner = { ...own, ...change };
  await writeFile(path, JSON.stringify(owner));
  return owner;
}

/** Returns the number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid ?? 0;
}

it('keeps out a second taker, and names the owner, its start and the file', async () => {
  const lock = await lockFile(path, 'training');
  await expect(lockFile(path, 'evaluation')).rejects.toThrow(
    new RegExp(
      `run\\.lock: one process at a time.*process ${process.pid} on .*training since \\d{4}-`,
    ),
  );
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockFile(path, 'evaluation')).release();
});

it('of a process that has ended is taken over', async () => {
  const left = await plant({ pid: await endedProcess() });
  const lock = await lockFile(path, 'training');
  expect(lock.takenFrom).toEqual(left);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

it('of a process whose number another one has by now is taken over', async () => {
  const left = await plant({ processStart: 'an earlier boot 12' });
  const lock = await lockFile(path, 'training');
  expect(lock.takenFrom).toEqual(left);
  await lock.release();
});

it('of another machine, or half-written, is never taken over', async () => {
  const pid = await endedProcess();
  await plant({ pid, host: 'elsewhere pid:[1]' });
  await expect(lockFile(path, 'training')).rejects.toThrow(
    `process ${pid} on elsewhere (training since`,
  );
  await writeFile(path, '{"pid":');
  await expect(lockFile(path, 'training')).rejects.toThrow(/another process.*remove this file/);
});

it('is taken by one of many who find it stale at once', async () => {
  await plant({ pid: await endedProcess() });
  const takers = await Promise.allSettled(
    Array.from({ length: 8 }, () => lockFile(path, 'training')),
  );
  const locks = takers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(locks).toHaveLength(1);
  await locks[0]?.release();
  expect(await readdir(folder)).toEqual([]);
});

it('is removed when its process exits by itself, as on a third Ctrl-C', async () => {
  const module = new URL('file-lock.ts', import.meta.url).href;
  const script = `import { lockFile } from ${JSON.stringify(module)};
    import { existsSync } from 'node:fs';
    await lockFile(${JSON.stringify(path)}, 'training');
    process.exit(existsSync(${JSON.stringify(path)}) ? 130 : 1);`;
  const loader = createRequire(import.meta.url).resolve('tsx');
  const child = spawn(
    process.execPath,
    ['--import', pathToFileURL(loader).href, '--input-type=module', '--eval', script],
    { stdio: 'ignore' },
  );
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
  expect(await readdir(folder)).toEqual([]);
});

it('that is not its own any more stays when it is released', async () => {
  const lock = await lockFile(path, 'training');
  const other = await plantOver({ pid: 1, host: 'elsewhere' });
  await lock.release();
  expect(await readFile(path, 'utf8')).toBe(other);
});

async function plantOver(change: Partial<LockOwner>): Promise<string> {
  const owner = { ...(JSON.parse(await readFile(path, 'utf8')) as LockOwner), ...change };
  await writeFile(path, JSON.stringify(owner));
  return JSON.stringify(owner);
}
