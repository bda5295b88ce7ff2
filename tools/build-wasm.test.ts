import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the WebAssembly that is committed is what its source compiles to', () => {
  const program = fileURLToPath(new URL('build-wasm.mjs', import.meta.url));
  expect(() => execFileSync(process.execPath, [program, '--check'])).not.toThrow();
});
