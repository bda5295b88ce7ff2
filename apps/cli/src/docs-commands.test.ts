/** The command lines of the README and of the docs fit the program as it is. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { faultOf } from './example-line.fixture.js';
import { buildProgram } from './program.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

async function pages(): Promise<readonly string[]> {
  const docs = await readdir(join(ROOT, 'docs'), { recursive: true });
  return [
    'README.md',
    'CONTRIBUTING.md',
    'notebooks/README.md',
    ...docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
  ];
}

/** What stands after `npx janus` in each command of some lines. */
const commandsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .flatMap((line) => line.split('&&'))
    .map((line) => /^\s*(?:[A-Z_]+=\S+ )*npx janus (.*)$/.exec(line)?.[1] ?? '')
    .map((line) => line.replaceAll(/<[^>]*>/g, '64').replace(/( {2,}| #| > ).*$/, ''))
    .filter((line) => line !== '' && !line.endsWith('...'));

function blockCommands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash)?\n([^]*?)^```/gm)].map(
    ([, block = '']) => block,
  );
  const lines = blocks.flatMap((block) => block.replaceAll(/ *\\\n */g, ' ').split('\n'));
  return commandsOf(lines);
}

function inlineCommands(text: string): readonly string[] {
  return commandsOf([...text.matchAll(/`(npx janus [^`]*)`/g)].map(([, code = '']) => code));
}

it('every command line of the docs names a command and flags that exist', async () => {
  const program = buildProgram();
  const faults: string[] = [];
  let found = 0;
  for (const page of await pages()) {
    const text = await readFile(join(ROOT, page), 'utf8');
    const [whole, named] = [blockCommands(text), inlineCommands(text)];
    found += whole.length + named.length;
    // A sentence may name a command without what it needs.
    const inSentences = named
      .map((each) => faultOf(program, each))
      .filter((fault) => !/argument missing|needs \d+ arguments/.test(fault));
    for (const fault of [...whole.map((each) => faultOf(program, each)), ...inSentences]) {
      if (fault !== '') faults.push(`${page}: ${fault}`);
    }
  }
  expect(found).toBeGreaterThan(60);
  expect(faults).toEqual([]);
});
