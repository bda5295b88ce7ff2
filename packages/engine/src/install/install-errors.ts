/** Returns the first line of an error's message. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Returns what a failed program wrote to its error output; empty for other errors. */
export function errorOutput(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stderr' in error
    ? String(error.stderr)
    : '';
}

/** Returns bytes as `1300 MB` (1 MB = 1,000,000 bytes). */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Returns the first error that a compiler printed, without its path, else the message of the failure. */
export function complaintOf(error: unknown): string {
  return (/error: .*/.exec(errorOutput(error))?.[0] ?? reasonOf(error)).slice(0, 200);
}
