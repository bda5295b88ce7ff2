/** A slow reader gets all of the output, and a reader that leaves does not end the work. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

/** Starts a process that has the module's functions and then does something. */
function start(then: string): ReturnType<typeof spawn> {
  const module = new URL('output.ts', import.meta.url).href;
  const script = `import { flushed, outliveReaders } from ${JSON.stringify(module)};
    outliveReaders([process.stdout]);
    ${then}`;
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const flags = ['--import', loader, '--input-type=module', '--eval', script];
  return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
}

const ended = async (child: ReturnType<typeof spawn>): Promise<number | null> =>
  await new Promise((resolve) => {
    child.on('exit', resolve);
  });

it('all of the output reaches a reader that is slow', async () => {
  const child = start(`process.stdout.write('x'.repeat(300_000));
    await flushed(process.stdout);
    process.exit(0);`);
  let length = 0;
  child.stdout?.on('data', (part: Buffer) => (length += part.length));
  child.stdout?.pause();
  setTimeout(() => child.stdout?.resume(), 1500);
  await new Promise((resolve) => child.on('close', resolve));
  expect(length).toBe(300_000);
});

it('the work goes on when nobody reads any more', async () => {
  const child = start(`for (let i = 0; i < 50; i++) {
      process.stdout.write('line\\n');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await flushed(process.stdout);
    process.exit(7);`);
  let errors = '';
  child.stderr?.on('data', (part: Buffer) => (errors += part.toString()));
  child.stdout?.destroy();
  expect(await ended(child)).toBe(7);
  expect(errors).toBe('');
});
