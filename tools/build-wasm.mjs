// Compiles packages/*/wasm/*.wat into TypeScript modules with the bytes in base64, so that a fresh
// clone needs no compiler: node tools/build-wasm.mjs [--check]
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const MODULES = [
  { name: 'RESAMPLE_WASM', folder: 'images', wat: 'resample.wat', ts: 'decode/resample-wasm.ts' },
  { name: 'LOOPS_WASM', folder: 'engine', wat: 'loops.wat', ts: 'wasm/loops-module.ts' },
];
const packages = fileURLToPath(new URL('../packages/', import.meta.url));

/** Returns the module's text for a source. */
async function moduleOf({ name, folder, wat }) {
  const source = await readFile(`${packages}${folder}/wasm/${wat}`, 'utf8');
  const parsed = (await wabt()).parseWat(wat, source, { simd: true });
  parsed.validate();
  const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
  const lines = base64.match(/.{1,90}/g).map((line) => `  '${line}',`);
  return [
    `/** \`wasm/${wat}\` as WebAssembly, in base64: made by \`tools/build-wasm.mjs\`. */`,
    `export const ${name}: string = [`,
    ...lines,
    `].join('');`,
    '',
  ].join('\n');
}

const check = process.argv.includes('--check');
for (const each of MODULES) {
  const path = `${packages}${each.folder}/src/${each.ts}`;
  const made = await moduleOf(each);
  if (!check) await writeFile(path, made);
  else if (made !== (await readFile(path, 'utf8'))) {
    process.stderr.write(
      `${each.ts}: is not what ${each.wat} compiles to. Run node tools/build-wasm.mjs.\n`,
    );
    process.exitCode = 1;
  }
}
