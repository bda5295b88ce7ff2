import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Returns the path of a network in the package `@vladmandic/human`: its JSON file, with its weights beside it. */
export function pathOfHumanModel(name: string): string {
  // The package exports only its code; the networks are in a folder beside it.
  const code = createRequire(import.meta.url).resolve('@vladmandic/human');
  return join(dirname(code), '..', 'models', `${name}.json`);
}
