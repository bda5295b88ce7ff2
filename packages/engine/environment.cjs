'use strict';
// What the environment of a process must hold before it starts, since the C library and TensorFlow
// read it once. In a file that needs no loader: the launcher and the notebooks' tool have none.
//   TF_CPP_MIN_LOG_LEVEL       information lines are for TensorFlow's developers; warnings stay
//   TF_FORCE_GPU_ALLOW_GROWTH  else the first tensor takes the whole memory of every GPU
//   MALLOC_*                   memory of one operation is kept for the next instead of being given
//                              back, cleared and asked for again. (glibc.malloc.hugetlb=1 in
//                              GLIBC_TUNABLES trains VGG-16 6 % faster, and costs a CycleGAN of
//                              256 px 0.3 GB and gains it nothing: it is left to the user.)
//   TF_NUM_*_THREADS           from JANUS_THREADS, where that is set
const SETTINGS = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
};

/** Returns the settings that `environment` lacks; what is set already wins. */
exports.settingsFor = (environment) => {
  const threads = environment.JANUS_THREADS;
  const wanted = threads
    ? { ...SETTINGS, TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads }
    : SETTINGS;
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, environment[name] ?? value]),
  );
};
