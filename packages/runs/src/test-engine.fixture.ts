/** The engine of tests of whole runs. */
import { installedAddon, type EngineName } from '@janus/engine';

/** The native engine where it is installed, which trains and measures in half of the time of `wasm`. */
export const TEST_ENGINE: Extract<EngineName, 'tensorflow' | 'wasm'> =
  installedAddon() === undefined ? 'wasm' : 'tensorflow';
