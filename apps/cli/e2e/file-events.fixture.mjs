/**
 * Loaded into a command ahead of its own code (`startJanus` with an event): reports a call of node:fs/promises on
 * stderr once it is done, and can hold the command there, so that a test kills or stops it at that point and at no other.
 * A held call returns once the file `heldUntil` exists, or never; the event loop keeps running, so the command still
 * notices a signal, a file that asks it to stop, or the end of its launcher.
 */
import { existsSync, writeSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

const STDERR = 2;
const LOOK_EVERY_MS = 20;

const { call, path, holdAt = Infinity, heldUntil } = JSON.parse(process.env['JANUS_FILE_EVENT']);
const pattern = new RegExp(path);
let count = 0;

async function report(name) {
  if (!isMainThread || !pattern.test(name)) return;
  count += 1;
  writeSync(STDERR, `event ${count} of process ${process.pid}: ${call} ${name}\n`);
  if (count < holdAt) return;
  if (heldUntil === undefined) await new Promise(() => undefined);
  while (!existsSync(heldUntil)) await setTimeout(LOOK_EVERY_MS);
}

if (call === 'rename') {
  const { rename } = files;
  files.rename = async (from, to) => {
    await rename(from, to);
    await report(to);
  };
} else {
  if (call === 'appendFile') {
    const { appendFile } = files;
    files.appendFile = async (name, ...rest) => {
      await appendFile(name, ...rest);
      await report(name);
    };
  }
  // A method of the handle that `open` returns.
  const { open } = files;
  files.open = async (name, ...rest) => {
    const handle = await open(name, ...rest);
    const original = handle[call].bind(handle);
    handle[call] = async (...args) => {
      const result = await original(...args);
      await report(name);
      return result;
    };
    return handle;
  };
}
syncBuiltinESMExports();
