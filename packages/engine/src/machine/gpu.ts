import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How to look at a machine; a test passes answers of its own. */
export interface GpuProbe {
  /** Returns the text of a file, `undefined` when it cannot be read. */
  readonly text: (path: string) => Promise<string | undefined>;
  /** Returns the names in a folder, none when it cannot be read. */
  readonly names: (folder: string) => Promise<readonly string[]>;
  /** Returns what a program prints, `undefined` when it does not run or fails. */
  readonly output: (program: string, args: readonly string[]) => Promise<string | undefined>;
}

/** Looks at this machine; a program has 20 s. */
export const MACHINE_PROBE: GpuProbe = {
  text: (path) => readFile(path, 'utf8').catch(() => undefined),
  names: (folder) => readdir(folder).catch(() => []),
  output: (program, args) =>
    promisify(execFile)(program, args, { timeout: 20_000 }).then(
      ({ stdout }) => stdout,
      () => undefined,
    ),
};

/** An NVIDIA GPU. */
export interface GpuCard {
  readonly name: string;
  /** `9.0` for an H100; absent when nvidia-smi does not tell. */
  readonly computeCapability?: string;
}

/** The NVIDIA GPUs of a machine, with their driver. */
export interface GpuFacts {
  readonly cards: readonly GpuCard[];
  /** Version of the kernel's driver, when one is loaded. */
  readonly driver?: string;
  /** The newest CUDA release that the driver supports. */
  readonly cuda?: string;
  /** Whether the driver's library libcuda.so.1 is found; a container may lack it. */
  readonly hasDriverLibrary: boolean;
  /** Whether there is an NVIDIA display or compute device, with a driver or without. */
  readonly hasDevice: boolean;
}

/**
 * The first Linux driver that supports each CUDA release. Source: NVIDIA, CUDA Toolkit Release Notes,
 * table "CUDA Toolkit and Corresponding Driver Versions".
 */
const DRIVERS: readonly (readonly [cuda: string, driver: string])[] = [
  ['13.0', '580.65.06'],
  ['12.9', '575.51.03'],
  ['12.8', '570.26'],
  ['12.6', '560.28.03'],
  ['12.5', '555.42.02'],
  ['12.4', '550.54.14'],
  ['12.3', '545.23.06'],
  ['12.2', '535.54.03'],
  ['12.1', '530.30.02'],
  ['12.0', '525.60.13'],
  ['11.8', '520.61.05'],
  ['11.7', '515.43.04'],
  ['11.6', '510.39.01'],
  ['11.5', '495.29.05'],
  ['11.4', '470.42.01'],
  ['11.2', '460.27.03'],
  ['11.1', '455.23'],
  ['11.0', '450.36.06'],
];

/** Compares dotted version numbers, number by number: negative when `a` is older, 0 when they are equal. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split('.').map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Returns the newest CUDA release that a driver supports. */
function cudaOf(driver: string): string | undefined {
  return DRIVERS.find(([, first]) => compareVersions(driver, first) >= 0)?.[0];
}

/** Returns the first driver that supports a CUDA release; `undefined` for one that the table lacks. */
export function driverFor(cuda: string): string | undefined {
  return DRIVERS.find(([each]) => each === cuda)?.[1];
}

const DRIVER_VERSION = '/proc/driver/nvidia/version';
const CARDS = '/proc/driver/nvidia/gpus';
const DEVICES = '/sys/bus/pci/devices';

/** Returns the NVIDIA GPUs, driver and CUDA release of a machine. Takes milliseconds where there is none. */
export async function probeGpu(probe: GpuProbe = MACHINE_PROBE): Promise<GpuFacts> {
  const [version = '', devices, hasDevice] = await Promise.all([
    probe.text(DRIVER_VERSION),
    probe.names('/dev'),
    findsDevice(probe),
  ]);
  // WSL uses the driver of Windows: no files in /proc, and a device of its own.
  const reachable = version !== '' || devices.some((name) => /^nvidia\d|^dxg$/.test(name));
  if (!reachable) return { cards: [], hasDriverLibrary: false, hasDevice };
  const [table = '', list = '', named, hasDriverLibrary] = await Promise.all([
    probe.output('nvidia-smi', []),
    probe.output('nvidia-smi', ['--query-gpu=name,compute_cap', '--format=csv,noheader']),
    cardsOfDriver(probe),
    findsDriverLibrary(probe),
  ]);
  const driver =
    /Kernel Module(?: for \S+)?\s+([\d.]+)/.exec(version)?.[1] ??
    /(?:Driver|KMD) Version:\s*([\d.]+)/.exec(table)?.[1];
  const cuda =
    /CUDA(?: UMD)? Version:\s*([\d.]+)/.exec(table)?.[1] ??
    (driver === undefined ? undefined : cudaOf(driver));
  const listed = cardsOfList(list);
  return {
    cards: listed.length > 0 ? listed : named,
    ...(driver === undefined ? {} : { driver }),
    ...(cuda === undefined ? {} : { cuda }),
    hasDriverLibrary,
    hasDevice: hasDevice || listed.length > 0 || named.length > 0,
  };
}

/** Reads lines like `NVIDIA H100 80GB HBM3, 9.0`, one per card; old drivers lack the second column. */
function cardsOfList(list: string): readonly GpuCard[] {
  return list
    .split('\n')
    .map((line) => line.split(',').map((each) => each.trim()))
    .flatMap(([name = '', capability = '']) =>
      name === '' || /error|invalid|failed|no devices/i.test(name)
        ? []
        : [{ name, ...(/^\d+\.\d+$/.test(capability) ? { computeCapability: capability } : {}) }],
    );
}

async function cardsOfDriver(probe: GpuProbe): Promise<readonly GpuCard[]> {
  const folders = await probe.names(CARDS);
  const texts = await Promise.all(
    folders.map((name) => probe.text(join(CARDS, name, 'information'))),
  );
  return texts.flatMap((text = '') => {
    const name = /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim();
    return name === undefined ? [] : [{ name }];
  });
}

/** Looks for a PCI device of NVIDIA (0x10de) that displays or computes (class 0x03), not audio or bridges. */
async function findsDevice(probe: GpuProbe): Promise<boolean> {
  for (const name of await probe.names(DEVICES)) {
    if ((await probe.text(join(DEVICES, name, 'vendor')))?.trim() !== '0x10de') continue;
    if ((await probe.text(join(DEVICES, name, 'class')))?.startsWith('0x03') === true) return true;
  }
  return false;
}

async function findsDriverLibrary(probe: GpuProbe): Promise<boolean> {
  const folders = [
    ...(process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((each) => each !== ''),
    ...['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib/x86_64-linux-gnu'],
    ...['/usr/local/nvidia/lib64', '/usr/lib/wsl/lib', '/usr/local/cuda/compat'],
  ];
  for (const folder of folders) {
    if ((await probe.names(folder)).includes('libcuda.so.1')) return true;
  }
  const [ldconfig, sbin] = await Promise.all([
    probe.output('ldconfig', ['-p']),
    probe.output('/sbin/ldconfig', ['-p']),
  ]);
  return (ldconfig ?? sbin ?? '').includes('libcuda.so.1');
}

/** Returns cards, driver and CUDA release in one line: `NVIDIA H100 (driver 570.86.15, CUDA 12.8)`. */
export function gpuText({ cards, driver, cuda }: GpuFacts): string {
  const names = cards.length === 0 ? 'NVIDIA GPU' : cards.map(({ name }) => name).join(', ');
  const versions = [
    driver === undefined ? [] : `driver ${driver}`,
    cuda === undefined ? [] : `CUDA ${cuda}`,
  ].flat();
  return versions.length === 0 ? names : `${names} (${versions.join(', ')})`;
}

/** Returns why TensorFlow computes on no GPU, to follow `no GPU:`. */
export function whyNoGpu(facts: GpuFacts): string {
  if (facts.driver === undefined && facts.cards.length === 0) {
    return facts.hasDevice ? 'its driver is not loaded' : 'no NVIDIA driver is loaded';
  }
  return `${gpuText(facts)} is present, but TensorFlow does not use it; \`npx janus doctor\` says why`;
}

/** Returns the cards and their driver in one line, or `no GPU` and why. */
export function gpuSummary(facts: GpuFacts): string {
  const hasDriver = facts.driver !== undefined || facts.cards.length > 0;
  return hasDriver ? gpuText(facts) : `no GPU: ${whyNoGpu(facts)}`;
}
