/** Returns the peak memory of this process so far: resident set size, MiB. */
export function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** Node's version, as `v20.19.0`. */
export const NODE_VERSION: string = process.version;
