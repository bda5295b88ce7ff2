import type { GpuFacts } from '../machine/gpu.js';

let inUse: GpuFacts | undefined;

/** Returns the GPU that the native engine computes on; `undefined` where the processor computes. */
export function gpuInUse(): GpuFacts | undefined {
  return inUse;
}

/** Notes what the native engine computes on, once it has started. */
export function setGpuInUse(gpu: GpuFacts | undefined): void {
  inUse = gpu;
}
