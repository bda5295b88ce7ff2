import { ADDON_VERSION, TENSORFLOW_VERSION } from './settings.js';

/** The builds of the native library: for processors, and for NVIDIA GPUs. */
export type EngineKind = 'cpu' | 'gpu';

/** A file of the Python package index, pinned by its hash. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a build of the native engine is made from, and the layout of its folder. */
export interface EngineBuild {
  /** Its folder in the cache; another library, addon or layout gets another one. */
  readonly folder: string;
  /** Fetched and unpacked one after the other, so that only one at a time is on the disk twice. */
  readonly wheels: readonly Wheel[];
  /** Folder of TensorFlow's libraries, relative to the build's. */
  readonly libraries: string;
  /** Peak disk space of an installation, without the copies that pip may keep. */
  readonly peakBytes: number;
}

const machine = `tfjs${ADDON_VERSION}-${process.platform}-${process.arch}`;

/** The C library does not depend on the Python version in the file's name. */
const CPU_WHEELS: readonly Wheel[] = [
  {
    name: 'tensorflow-cpu',
    version: TENSORFLOW_VERSION,
    file: `tensorflow_cpu-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
    bytes: 273_829_956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
];

const GLIBC_2_17 = 'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64';
const GLIBC_2_12 = 'py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64';
const GLIBC_2_27 = 'py3-none-manylinux_2_27_x86_64';

/**
 * TensorFlow's GPU wheel and what its extra `and-cuda` requires, within the bounds that it states: from
 * CUDA 12.8, since the libraries of 12.5, which TensorFlow was built with, have no code for Blackwell
 * cards. The largest come first, which keeps the peak of disk space low.
 */
const GPU_WHEELS: readonly Wheel[] = [
  {
    name: 'nvidia-cudnn-cu12',
    version: '9.10.2.21',
    file: `nvidia_cudnn_cu12-9.10.2.21-${GLIBC_2_27}.whl`,
    bytes: 706_758_467,
    sha256: '949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8',
  },
  {
    name: 'nvidia-cublas-cu12',
    version: '12.8.4.1',
    file: `nvidia_cublas_cu12-12.8.4.1-${GLIBC_2_27}.whl`,
    bytes: 594_346_921,
    sha256: '8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142',
  },
  {
    name: 'tensorflow',
    version: TENSORFLOW_VERSION,
    file: `tensorflow-${TENSORFLOW_VERSION}-cp311-cp311-manylinux_2_27_x86_64.whl`,
    bytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
  {
    name: 'nvidia-nccl-cu12',
    version: '2.27.7',
    file: `nvidia_nccl_cu12-2.27.7-${GLIBC_2_17}.whl`,
    bytes: 322_546_339,
    sha256: 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
  },
  {
    name: 'nvidia-cusparse-cu12',
    version: '12.5.8.93',
    file: `nvidia_cusparse_cu12-12.5.8.93-${GLIBC_2_17}.whl`,
    bytes: 288_216_466,
    sha256: '1ec05d76bbbd8b61b06a80e1eaf8cf4959c3d4ce8e711b65ebd0443bb0ebb13b',
  },
  {
    name: 'nvidia-cusolver-cu12',
    version: '11.7.3.90',
    file: `nvidia_cusolver_cu12-11.7.3.90-${GLIBC_2_27}.whl`,
    bytes: 267_506_905,
    sha256: '4376c11ad263152bd50ea295c05370360776f8c3427b30991df774f9fb26c450',
  },
  {
    name: 'nvidia-cufft-cu12',
    version: '11.3.3.83',
    file: `nvidia_cufft_cu12-11.3.3.83-${GLIBC_2_17}.whl`,
    bytes: 193_118_695,
    sha256: '4d2dd21ec0b88cf61b62e6b43564355e5222e4a3fb394cac0db101f2dd0d4f74',
  },
  {
    name: 'nvidia-cuda-nvrtc-cu12',
    version: '12.8.93',
    file: `nvidia_cuda_nvrtc_cu12-12.8.93-${GLIBC_2_12}.whl`,
    bytes: 88_040_029,
    sha256: 'a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994',
  },
  {
    name: 'nvidia-curand-cu12',
    version: '10.3.9.90',
    file: `nvidia_curand_cu12-10.3.9.90-${GLIBC_2_27}.whl`,
    bytes: 63_619_976,
    sha256: 'b32331d4f4df5d6eefa0554c565b626c7216f87a06a4f56fab27c3b68a830ec9',
  },
  {
    name: 'nvidia-cuda-nvcc-cu12',
    version: '12.8.93',
    file: `nvidia_cuda_nvcc_cu12-12.8.93-${GLIBC_2_12}.whl`,
    bytes: 40_128_098,
    sha256: '2d6dc36fb7cb5ac9c0b8825bc13d193c35487a315664007287d0126531238011',
  },
  {
    name: 'nvidia-nvjitlink-cu12',
    version: '12.8.93',
    file: `nvidia_nvjitlink_cu12-12.8.93-${GLIBC_2_12}.whl`,
    bytes: 39_254_836,
    sha256: '81ff63371a7ebd6e6451970684f916be2eab07321b73c9d244dc2b4da7f73b88',
  },
  {
    name: 'nvidia-cuda-cupti-cu12',
    version: '12.8.90',
    file: `nvidia_cuda_cupti_cu12-12.8.90-${GLIBC_2_17}.whl`,
    bytes: 10_248_621,
    sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
  },
  {
    name: 'nvidia-cuda-runtime-cu12',
    version: '12.8.90',
    file: `nvidia_cuda_runtime_cu12-12.8.90-${GLIBC_2_17}.whl`,
    bytes: 954_765,
    sha256: 'adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90',
  },
];

/** The builds that can be installed. */
export const ENGINE_BUILDS: Readonly<Record<EngineKind, EngineBuild>> = {
  cpu: {
    folder: `cpu-${TENSORFLOW_VERSION}-${machine}-v2`,
    wheels: CPU_WHEELS,
    libraries: '.',
    peakBytes: 1_300_000_000,
  },
  gpu: {
    folder: `gpu-${TENSORFLOW_VERSION}-cuda12.8-${machine}-v1`,
    wheels: GPU_WHEELS,
    // TensorFlow looks for NVIDIA's libraries in ../nvidia/*/lib, where Python's packages have them.
    libraries: 'tensorflow',
    peakBytes: 5_300_000_000,
  },
};

/** The CUDA release that the GPU build of TensorFlow was compiled with. */
export const CUDA_OF_TENSORFLOW = '12.5';

/** NVIDIA's libraries that TensorFlow opens to use a GPU, by folder below `nvidia`. */
export const CUDA_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  cuda_runtime: ['libcudart.so.12'],
  cublas: ['libcublas.so.12', 'libcublasLt.so.12'],
  cudnn: ['libcudnn.so.9', 'libcudnn_graph.so.9', 'libcudnn_ops.so.9', 'libcudnn_cnn.so.9'],
  cufft: ['libcufft.so.11'],
  curand: ['libcurand.so.10'],
  cusolver: ['libcusolver.so.11'],
  cusparse: ['libcusparse.so.12'],
  cuda_nvrtc: ['libnvrtc.so.12'],
  nvjitlink: ['libnvJitLink.so.12'],
  nccl: ['libnccl.so.2'],
  cuda_cupti: ['libcupti.so.12'],
};
