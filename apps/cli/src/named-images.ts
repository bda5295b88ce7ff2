/** What the commands share that take images by name. */
import type { UnreadableImage } from '@janus/runs';

/** Help of their argument. */
export const IMAGES_HELP =
  "image files, folders (with their subfolders), and patterns in quotes such as 'faces/*.jpg'";

/** Names each image that could not be used on standard error; with one of them, the command exits 1. */
export function reportUnreadable(unreadable: readonly UnreadableImage[]): void {
  for (const { reason } of unreadable) process.stderr.write(`janus: ${reason}\n`);
  if (unreadable.length > 0) process.exitCode = 1;
}
