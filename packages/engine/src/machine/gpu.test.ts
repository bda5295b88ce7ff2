import { describe, expect, it } from 'vitest';
import { compareVersions, gpuSummary, MACHINE_PROBE, probeGpu, type GpuProbe } from './gpu.js';

/** A machine that has these files and programs and nothing else. */
function planted(machine: {
  readonly files?: Readonly<Record<string, string>>;
  readonly table?: string;
  readonly list?: string;
}): GpuProbe {
  const files = machine.files ?? {};
  return {
    text: (path) => Promise.resolve(files[path]),
    names: (folder) =>
      Promise.resolve([
        ...new Set(
          Object.keys(files)
            .filter((path) => path.startsWith(`${folder}/`))
            .map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''),
        ),
      ]),
    output: (program, args) =>
      Promise.resolve(
        program !== 'nvidia-smi' ? undefined : args.length === 0 ? machine.table : machine.list,
      ),
  };
}

const CLOSED_DRIVER = `NVRM version: NVIDIA UNIX x86_64 Kernel Module  525.60.13  Wed Nov 30 06:39:21 UTC 2022
GCC version:  gcc version 11.3.0 (Ubuntu 11.3.0-1ubuntu1~22.04)
`;
const OPEN_DRIVER = `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs-builder@U16-I3-B03-4-3)  Thu Jan 23 22:50:36 UTC 2025
`;
const TABLE = `+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.86.15              Driver Version: 570.86.15      CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+
`;
const DEVICE = '/sys/bus/pci/devices/0000:01:00.0';

describe('probeGpu', () => {
  it('finds card, driver and CUDA of a machine with nvidia-smi', async () => {
    const facts = await probeGpu(
      planted({
        files: {
          '/proc/driver/nvidia/version': OPEN_DRIVER,
          '/dev/nvidia0': '',
          '/usr/lib/x86_64-linux-gnu/libcuda.so.1': '',
        },
        table: TABLE,
        list: 'NVIDIA H100 80GB HBM3, 9.0\nNVIDIA H100 80GB HBM3, 9.0\n',
      }),
    );
    const card = { name: 'NVIDIA H100 80GB HBM3', computeCapability: '9.0' };
    expect(facts).toEqual({
      cards: [card, card],
      driver: '570.86.15',
      cuda: '12.8',
      hasDriverLibrary: true,
      hasDevice: true,
    });
  });

  it('knows the CUDA release of a driver without nvidia-smi', async () => {
    const facts = await probeGpu(
      planted({
        files: {
          '/proc/driver/nvidia/version': CLOSED_DRIVER,
          '/proc/driver/nvidia/gpus/0000:01:00.0/information':
            'Model: \t\t NVIDIA GeForce RTX 3090\nIRQ:   \t\t 36\n',
        },
      }),
    );
    expect(facts).toEqual({
      cards: [{ name: 'NVIDIA GeForce RTX 3090' }],
      driver: '525.60.13',
      cuda: '12.0',
      hasDriverLibrary: false,
      hasDevice: true,
    });
    expect(gpuSummary(facts)).toBe('NVIDIA GeForce RTX 3090 (driver 525.60.13, CUDA 12.0)');
  });

  it('reads the table of nvidia-smi where the driver has no files (WSL)', async () => {
    const facts = await probeGpu(
      planted({
        files: { '/dev/dxg': '', '/usr/lib/wsl/lib/libcuda.so.1': '' },
        table: TABLE,
        list: 'NVIDIA RTX A2000, 8.6\n',
      }),
    );
    expect(gpuSummary(facts)).toBe('NVIDIA RTX A2000 (driver 570.86.15, CUDA 12.8)');
    expect(facts.hasDriverLibrary).toBe(true);
  });

  it('does not take an error of nvidia-smi for a card', async () => {
    const facts = await probeGpu(
      planted({
        files: { '/proc/driver/nvidia/version': CLOSED_DRIVER },
        list: 'Field "compute_cap" is not a valid field to query: error\nNo devices were found\n',
      }),
    );
    expect(facts.cards).toEqual([]);
    expect(gpuSummary(facts)).toBe('NVIDIA GPU (driver 525.60.13, CUDA 12.0)');
  });

  it('says that there is no GPU without running a program', async () => {
    const probe = planted({});
    const facts = await probeGpu({ ...probe, output: () => Promise.reject(new Error('asked')) });
    expect(facts).toEqual({ cards: [], hasDriverLibrary: false, hasDevice: false });
    expect(gpuSummary(facts)).toBe('no GPU: no NVIDIA driver is loaded');
  });

  it('tells a card without its driver from the sound device of one', async () => {
    const vendor = '0x10de\n';
    const sound = { [`${DEVICE}/vendor`]: vendor, [`${DEVICE}/class`]: '0x040300\n' };
    expect((await probeGpu(planted({ files: sound }))).hasDevice).toBe(false);
    const card = { [`${DEVICE}/vendor`]: vendor, [`${DEVICE}/class`]: '0x030000\n' };
    const facts = await probeGpu(planted({ files: card }));
    expect(gpuSummary(facts)).toBe('no GPU: its driver is not loaded');
  });

  it('continues where files and programs are missing', async () => {
    expect(await MACHINE_PROBE.text('/nowhere/at/all')).toBeUndefined();
    expect(await MACHINE_PROBE.names('/nowhere/at/all')).toEqual([]);
    expect(await MACHINE_PROBE.output('no-such-program', [])).toBeUndefined();
  });
});

it.each([
  ['12.10', '12.9', 1],
  ['525.60.13', '525.60.13', 0],
  ['525.60', '525.60.13', -1],
  ['11.8', '12', -1],
])('compareVersions puts %s against %s by number', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
