/** Paths that mean the same on every system: ids and manifests travel between them. */
import native, { type PlatformPath } from 'node:path';

/**
 * Returns the path from one folder to a path below it, with `/` on every system; empty where they are the same.
 *
 * @param path the system's rules; default those of this one
 */
export function relativeName(
  from: string,
  to: string,
  path: Pick<PlatformPath, 'relative' | 'sep'> = native,
): string {
  return path.relative(from, to).split(path.sep).join('/');
}

/** A drive of Windows before a path, as in `C:\data` and `C:/data`. */
const DRIVE = /^[A-Za-z]:[\\/]/;

/**
 * Returns what stands before the first colon of a text, and behind it; the colon of a drive of Windows is not one. Without a colon, the
 * second part is empty.
 */
export function splitAtColon(text: string): readonly [before: string, behind: string] {
  const at = text.indexOf(':', DRIVE.test(text) ? 2 : 0);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
