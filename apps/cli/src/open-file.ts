import { spawn } from 'node:child_process';

/** The programs that open a file with what the user has chosen for its kind. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/**
 * Opens a file in the program for its kind, such as a page in the browser, without waiting for it.
 *
 * @param platform default: this one
 * @returns whether there is a program that opens files
 */
export async function openFile(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const [program, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, path], { detached: true, stdio: 'ignore' });
  return await new Promise((resolve) => {
    child.on('error', () => {
      resolve(false);
    });
    child.on('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
