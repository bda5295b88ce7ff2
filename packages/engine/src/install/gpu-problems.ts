import { compareVersions, driverFor, gpuText, type GpuFacts } from '../machine/gpu.js';
import { CUDA_OF_TENSORFLOW } from './builds.js';
import { TENSORFLOW_VERSION } from './settings.js';

/** Something that is missing or incompatible, and how to fix it. */
export interface Problem {
  /** Whole sentences. */
  readonly what: string;
  /** A command, or an instruction without its full stop. */
  readonly remedy: string;
}

/** The state of the GPU build on this machine. */
export interface GpuBuildState {
  readonly installed: boolean;
  /** Names of NVIDIA's libraries that it lacks. */
  readonly missing: readonly string[];
  /** Whether the engine in use computes on the GPU. */
  readonly used: boolean;
  /** The value of `CUDA_VISIBLE_DEVICES`, when it is set. */
  readonly visible?: string | undefined;
}

/** Compute capability of the oldest cards that TensorFlow's wheel has code for (`cuda_compute_capabilities`). */
const OLDEST_CARD = '6.0';

/**
 * Cards up to this compute capability (Hopper) run machine code that TensorFlow ships: its wheel holds
 * that of 6.0, 7.0, 8.0, 8.9 and 9.0. For newer ones (Blackwell) the driver compiles the wheel's PTX,
 * which takes a driver as new as TensorFlow's compiler.
 */
const NEWEST_CARD_WITH_CODE = '9.0';

const CUDA_MAJOR = Number(CUDA_OF_TENSORFLOW.split('.')[0]);
const NEEDED_DRIVER = driverFor(CUDA_OF_TENSORFLOW) ?? '';
const OLDEST_DRIVER = driverFor(`${CUDA_MAJOR}.0`) ?? '';

/** Returns what keeps TensorFlow from computing on the GPU of this machine; nothing where it has none. */
export function gpuProblems(facts: GpuFacts, build: GpuBuildState): readonly Problem[] {
  const hasDriver = facts.driver !== undefined || facts.cards.length > 0;
  if (!hasDriver) return facts.hasDevice ? [noDriver()] : missingLibraries(build);
  const misfit = driverMisfit(facts, build) ?? cardMisfit(facts, build);
  if (misfit !== undefined) return [misfit];
  if (!build.installed) {
    return [
      {
        what: `${gpuText(facts)} is not used: the GPU build of TensorFlow is not installed.`,
        remedy: 'npx janus engine install --gpu',
      },
    ];
  }
  if (build.missing.length > 0) return missingLibraries(build);
  if (build.used) return [];
  return [whyUnused(facts, build)];
}

function noDriver(): Problem {
  return {
    what: 'This machine has an NVIDIA device, but its driver is not loaded (/proc/driver/nvidia/version is missing).',
    remedy: `Install NVIDIA's driver ${NEEDED_DRIVER} or newer, then \`npx janus engine install --gpu\``,
  };
}

function missingLibraries({ installed, missing }: GpuBuildState): readonly Problem[] {
  if (!installed || missing.length === 0) return [];
  return [
    {
      what: `The installed GPU build lacks ${missing.join(', ')} and cannot load without it.`,
      remedy: 'npx janus engine install --gpu',
    },
  ];
}

/** Returns how to compute without the GPU. */
const withoutGpu = ({ installed }: GpuBuildState): string =>
  installed
    ? 'set CUDA_VISIBLE_DEVICES=-1 to compute on the processor'
    : 'use the CPU build (`npx janus engine install`)';

function driverMisfit(
  { driver, cuda, cards }: GpuFacts,
  build: GpuBuildState,
): Problem | undefined {
  if (cuda === undefined || compareVersions(cuda, CUDA_OF_TENSORFLOW) >= 0) return undefined;
  const what = `The NVIDIA driver${driver === undefined ? '' : ` ${driver}`} supports CUDA ${cuda}, but TensorFlow ${TENSORFLOW_VERSION} needs ${CUDA_OF_TENSORFLOW}`;
  if (Number(cuda.split('.')[0]) < CUDA_MAJOR) {
    return {
      what: `${what} and does not start below ${CUDA_MAJOR}.0 (driver ${OLDEST_DRIVER}).`,
      remedy: `Update the driver to ${NEEDED_DRIVER} or newer, or ${withoutGpu(build)}`,
    };
  }
  const newer = cards.find(
    ({ computeCapability }) =>
      computeCapability !== undefined &&
      compareVersions(computeCapability, NEWEST_CARD_WITH_CODE) > 0,
  );
  // Within a major release the libraries run on an older driver, but code that it must compile does not.
  if (build.used && newer === undefined) return undefined;
  const effect =
    newer === undefined
      ? `Cards up to compute capability ${NEWEST_CARD_WITH_CODE} may still work (minor version compatibility); newer ones do not.`
      : `This driver cannot compile for a card as new as ${newer.name} (compute capability ${newer.computeCapability ?? ''}).`;
  return {
    what: `${what}. ${effect}`,
    remedy: `Update the driver to ${NEEDED_DRIVER} or newer, or ${withoutGpu(build)}`,
  };
}

function cardMisfit({ cards }: GpuFacts, build: GpuBuildState): Problem | undefined {
  const isOld = (capability: string | undefined): boolean =>
    capability !== undefined && compareVersions(capability, OLDEST_CARD) < 0;
  const [first] = cards;
  if (first === undefined || !cards.every((card) => isOld(card.computeCapability)))
    return undefined;
  return {
    what: `${first.name} has compute capability ${first.computeCapability ?? ''}, but TensorFlow ${TENSORFLOW_VERSION} needs ${OLDEST_CARD} or newer.`,
    remedy: `To continue without it, ${withoutGpu(build)}`,
  };
}

function whyUnused(facts: GpuFacts, { visible }: GpuBuildState): Problem {
  if (visible !== undefined && !/^\s*(\d|GPU-|MIG-)/.test(visible)) {
    return {
      what: `${gpuText(facts)} is hidden from TensorFlow: CUDA_VISIBLE_DEVICES is "${visible}".`,
      remedy: 'unset CUDA_VISIBLE_DEVICES',
    };
  }
  if (!facts.hasDriverLibrary) {
    return {
      what: `${gpuText(facts)} is present, but the driver's library libcuda.so.1 is not.`,
      remedy:
        "Install the driver's CUDA package (Debian: apt install libcuda1), or start the container with its GPUs (docker run --gpus all)",
    };
  }
  return {
    what: `${gpuText(facts)} is present and its driver fits, but TensorFlow found no GPU that it can use.`,
    remedy: 'TF_CPP_MIN_LOG_LEVEL=0 npx janus doctor, which prints the reasons',
  };
}
