'use strict';
// Environment variables that must be set before a process starts, since the C library and TensorFlow
// read them once. A .cjs file, because the launcher and the notebooks' tool load it without a loader.
//   TF_CPP_MIN_LOG_LEVEL       hides information lines, which are for TensorFlow's developers
//   TF_FORCE_GPU_ALLOW_GROWTH  without it the first tensor takes the whole memory of every GPU
//   MALLOC_*                   keeps the memory of one operation for the next, instead of returning it,
//                              and clearing it when it is requested again. (glibc.malloc.hugetlb=1 in
//                              GLIBC_TUNABLES trains VGG-16 6 % faster, but gains a CycleGAN at 256 px
//                              nothing and costs it 0.3 GB, so it is left to the user.)
//   TF_ENABLE_ONEDNN_OPTS      computes with oneDNN where the processor has AVX2: TensorFlow by itself does
//                              so only with AVX-512's VNNI, and is up to four times slower without
//                              (benchmarks/onednn.ts). Without AVX2 oneDNN loses.
//   TF_NUM_*_THREADS           the value of JANUS_THREADS, where that is set
const { existsSync, readFileSync } = require('node:fs');

const SETTINGS = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
};

/** Returns this processor's instruction sets by Linux's names; none on other systems. */
function processorFlags() {
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return new Set();
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return new Set(flags.trim().split(/\s+/));
}
exports.processorFlags = processorFlags;

/** Returns all settings; a variable that `environment` already has keeps its value. */
exports.settingsFor = (environment, flags = processorFlags()) => {
  const threads = environment.JANUS_THREADS;
  const wanted = {
    ...SETTINGS,
    ...(flags.has('avx2') ? { TF_ENABLE_ONEDNN_OPTS: '1' } : {}),
    ...(threads ? { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads } : {}),
  };
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, environment[name] ?? value]),
  );
};
