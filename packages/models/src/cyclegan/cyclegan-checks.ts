/** What options of a CycleGAN may be, beside the shapes of its networks. */
import { OptionsError } from '@janus/core';
import type { CycleGanOptions } from './cyclegan-presets.js';

/** What numbers may be, and what to give instead. */
interface Rule {
  readonly allows: (value: number) => boolean;
  /** As it ends the sentence "must be ...". */
  readonly text: string;
  readonly wayOut: string;
}

const from0 = (value: number): boolean => value >= 0;
const wholeFrom0 = (value: number): boolean => Number.isInteger(value) && value >= 0;

const RULES: Readonly<Partial<Record<keyof CycleGanOptions, Rule>>> = {
  lambdaCycle: { allows: from0, text: '0 or more', wayOut: 'The paper takes 10.' },
  lambdaCycleX: { allows: from0, text: '0 or more', wayOut: 'The paper takes 10.' },
  lambdaCycleY: { allows: from0, text: '0 or more', wayOut: 'The paper takes 10.' },
  lambdaIdentity: { allows: from0, text: '0 or more', wayOut: 'The paper takes 0.5.' },
  lambdaChange: {
    allows: from0,
    text: '0 or more',
    wayOut: 'Take 10, or 0 for no such term.',
  },
  lambdaChangeEnd: {
    allows: from0,
    text: '0 or more',
    wayOut: 'Leave it out for a weight that stays as it is.',
  },
  lambdaPair: { allows: from0, text: '0 or more', wayOut: 'pix2pix takes 100.' },
  channels: {
    allows: (value) => value === 1 || value === 3,
    text: '1 or 3',
    wayOut: 'Take 3 for RGB, or 1 for grey.',
  },
  shift: {
    allows: wholeFrom0,
    text: 'a whole number from 0',
    wayOut: 'The paper has none: 0.',
  },
  discriminatorWarmup: {
    allows: wholeFrom0,
    text: 'a whole number from 0',
    wayOut: 'The paper has none: 0.',
  },
  averageDecay: {
    allows: (value) => value >= 0 && value < 1,
    text: 'from 0 to below 1',
    wayOut: 'Take 0 for no average, or 0.99.',
  },
  labelSmoothing: {
    allows: (value) => value >= 0 && value <= 0.5,
    text: 'from 0 to 0.5',
    wayOut: 'Take 0 for none, or 0.1.',
  },
  discriminatorLrFactor: {
    allows: (value) => value > 0,
    text: 'above 0',
    wayOut: 'The paper takes 1.',
  },
  batchSize: {
    allows: (value) => Number.isInteger(value) && value >= 1,
    text: 'a whole number from 1',
    wayOut: 'The paper takes 1.',
  },
};

/** What is checked: all of it, or what CUT has of it. */
type CheckedOptions = Partial<CycleGanOptions> &
  Pick<CycleGanOptions, 'discriminatorWarmup' | 'skip' | 'labelSmoothing' | 'adversarial'>;

/**
 * Checks the options of a training.
 *
 * @param where start of the error message; default `createCycleGan`
 * @throws OptionsError when a number is out of range, or two options do not go together
 */
export function checkCycleGanOptions(options: CheckedOptions, where = 'createCycleGan'): void {
  for (const [name, rule] of Object.entries(RULES)) {
    const value = options[name as keyof CheckedOptions];
    if (typeof value !== 'number' || rule.allows(value)) continue;
    throw new OptionsError(
      `${where}: ${name} must be ${rule.text}, but got ${value}. ${rule.wayOut}`,
    );
  }
  if (options.discriminatorWarmup > 0 && options.skip !== 'residual') {
    throw new OptionsError(
      `${where}: discriminatorWarmup needs generators that return their input at first, those of the skip residual, but got ${String(options.skip)}. Set the skip to residual, or discriminatorWarmup to 0.`,
    );
  }
  if (options.paired === true && (options.poolSize ?? 0) > 0) {
    throw new OptionsError(
      `createCycleGan: poolSize must be 0 for pairs, since an earlier fake has another original, but got ${options.poolSize}. Set it to 0.`,
    );
  }
  if ((options.lambdaPair ?? 0) > 0 && options.paired !== true) {
    throw new OptionsError(
      `createCycleGan: lambdaPair needs pairs, but there are none. Set lambdaPair to 0, or say which images are pairs.`,
    );
  }
  if (options.labelSmoothing > 0 && options.adversarial === 'hinge') {
    throw new OptionsError(
      `${where}: labelSmoothing needs a loss with labels, least-squares or log, but got hinge. Set labelSmoothing to 0, or another adversarial loss.`,
    );
  }
}
