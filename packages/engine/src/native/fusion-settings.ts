/** What makes TensorFlow fuse the operations of a graph on a GPU (XLA). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What XLA needs of NVIDIA's compiler, in the folder of the GPU build. */
const COMPILER = join('nvidia', 'cuda_nvcc');
const COMPILER_FILES = [join('bin', 'ptxas'), join('nvvm', 'libdevice', 'libdevice.10.bc')];

/**
 * Returns the environment variables with which TensorFlow compiles parts of each graph for the GPU, which doubles the speed of
 * the steps measured (docs/benchmarks.md) and costs seconds at the first of them. None where the build has no compiler, or
 * `JANUS_XLA` is 0; a variable that is set keeps its value.
 *
 * @param folder of the GPU build
 */
export function fusionSettings(
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
  const compiler = join(folder, COMPILER);
  if (environment['JANUS_XLA'] === '0') return {};
  if (!COMPILER_FILES.every((file) => existsSync(join(compiler, file)))) return {};
  const { TF_XLA_FLAGS: flags = '--tf_xla_auto_jit=2', XLA_FLAGS: own } = environment;
  // Flags end at a space, which nothing escapes: TensorFlow then looks beside its own folder, where the compiler is too.
  const place = /\s/.test(compiler) ? undefined : `--xla_gpu_cuda_data_dir=${compiler}`;
  const more = own ?? place;
  return more === undefined ? { TF_XLA_FLAGS: flags } : { TF_XLA_FLAGS: flags, XLA_FLAGS: more };
}
