/** Returns the first line of what an error says. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Returns what a program wrote to its error output, when the error is of one that failed. */
export function errorOutput(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stderr' in error
    ? String(error.stderr)
    : '';
}

/** Bytes for a person, in the unit that disks are sold in. */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
