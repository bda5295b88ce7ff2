import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** All folders of installed packages called `name`, however deep. */
function copiesOf(name: string, folder: string = root): string[] {
  const modules = join(folder, 'node_modules');
  const found: string[] = [];
  let entries: string[];
  try {
    entries = readdirSync(modules).filter((each) => !each.startsWith('.'));
  } catch {
    return found;
  }
  const packages = entries.flatMap((entry) =>
    entry.startsWith('@')
      ? readdirSync(join(modules, entry)).map((each) => `${entry}/${each}`)
      : [entry],
  );
  for (const each of packages) {
    const path = join(modules, each);
    if (each === name) found.push(path);
    if (!each.startsWith('@janus/')) found.push(...copiesOf(name, path));
  }
  return found;
}

it('one copy of the tfjs engine and its layers lies in the tree', () => {
  expect(copiesOf('@tensorflow/tfjs-core')).toEqual([
    join(root, 'node_modules/@tensorflow/tfjs-core'),
  ]);
  expect(copiesOf('@tensorflow/tfjs-layers')).toHaveLength(1);
});

it("danfojs's tfjs-node is the same tfjs, on the same engine", () => {
  const require = createRequire(join(root, 'node_modules/danfojs-node/package.json'));
  const path = require.resolve('@tensorflow/tfjs-node/package.json');
  const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  expect({ name, version }).toEqual({ name: '@tensorflow/tfjs', version: '4.22.0' });
  const theirs = require('@tensorflow/tfjs-node') as { engine: () => unknown };
  const ours = createRequire(import.meta.url)('@tensorflow/tfjs') as { engine: () => unknown };
  expect(theirs.engine()).toBe(ours.engine());
});
