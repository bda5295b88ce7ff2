/** Which options of a classifier's schedule a resumed run may change. */
import { OptionsError } from '@janus/core';
import type { Extendable } from '../run-extension.js';
import { copiesOf } from './augment-frozen.js';
import type { ResolvedClassifierOptions } from './options.js';
import { phasesOf } from './phase-order.js';
import { readState } from './run-state.js';

const FLAGS = { epochs: '--epochs', fineTuneEpochs: '--fine-tune-epochs' } as const;

/**
 * Returns how a classifier run is extended: by epochs of its last phase. Where its rate is constant, the result
 * equals, bit for bit, that of a run begun with as many; with a schedule, the updates to come have the rates of the
 * longer one.
 */
export function classifierExtension(
  folder: string,
  { head }: Pick<ResolvedClassifierOptions, 'head'>,
): Extendable<ResolvedClassifierOptions> {
  return {
    // A linear head is fitted at once.
    names: head === 'linear' ? ['fineTuneEpochs'] : ['epochs', 'fineTuneEpochs'],
    extend: async ({ from, to }) => {
      const last = phasesOf(to).at(-1);
      const own = last === 'fine-tune' ? 'fineTuneEpochs' : 'epochs';
      const other = own === 'epochs' ? 'fineTuneEpochs' : 'epochs';
      if (from[other] !== to[other]) {
        throw new OptionsError(
          `--resume: only the epochs of the last phase, ${last}, can be changed (${FLAGS[own]}), but ${FLAGS[other]} was ${from[other]} and got ${to[other]}. Give it as before, or start a new run from this one's weights with --from.`,
        );
      }
      const [had, has] = [copiesOf(from), copiesOf(to)];
      if (had !== has) {
        throw new OptionsError(
          `--resume: the head learnt from ${had} changed copies of each image, but would learn from ${has} with ${FLAGS[own]} ${to[own]}. Start a new run with --run, or from this one's weights with --from.`,
        );
      }
      const state = await readState({ folder, options: from });
      const isLast = state !== undefined && state.phase === last;
      const { epoch, batch } = isLast ? state.progress.cursor : { epoch: 0, batch: 0 };
      const begun = epoch + (batch > 0 ? 1 : 0);
      if (to[own] < begun) {
        throw new OptionsError(
          `--resume: ${FLAGS[own]} must be at least ${begun}, the epochs begun so far, but got ${to[own]}. Give at least ${begun}, or start a new run with --run.`,
        );
      }
      return {
        step: state?.steps ?? 0,
        text: `Changing the schedule after step ${state?.steps ?? 0}: ${to[own]} epochs of ${last} instead of ${from[own]}, ${ratesText(to, { begun, epochs: to[own] })}.`,
      };
    },
  };
}

/** Returns what becomes of the learning rates. */
function ratesText(
  { schedule }: Pick<ResolvedClassifierOptions, 'schedule'>,
  { begun, epochs }: { readonly begun: number; readonly epochs: number },
): string {
  const equal = `the result equals that of a run begun with ${epochs}`;
  if (schedule === 'constant') return `at the same rate; ${equal}`;
  const from = `with the rates of a ${schedule} schedule of ${epochs}`;
  return begun === 0 ? `${from}; ${equal}` : `${from} from here on; the epochs so far had others`;
}
