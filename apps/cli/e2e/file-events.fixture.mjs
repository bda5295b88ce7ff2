/**
 * Loaded into a command ahead of its own code (`startJanus` with an event): reports a call of node:fs/promises on
 * stderr once it is done, and can hold the command there, so that a test kills it at that point and at no other.
 * A held call never returns; the event loop keeps running, so the command still notices a signal or the end of
 * its launcher.
 */
import { writeSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const STDERR = 2;

const { call, path, holdAt = Infinity } = JSON.parse(process.env['JANUS_FILE_EVENT']);
const pattern = new RegExp(path);
let count = 0;

async function report(name) {
  if (!isMainThread || !pattern.test(name)) return;
  count += 1;
  writeSync(STDERR, `event ${count} of process ${process.pid}: ${call} ${name}\n`);
  if (count >= holdAt) await new Promise(() => undefined);
}

if (call === 'rename') {
  const { rename } = files;
  files.rename = async (from, to) => {
    await rename(from, to);
    await report(to);
  };
} else {
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
