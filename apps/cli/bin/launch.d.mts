/** Returns what Node is to be started with for a program, the path of whose TypeScript file is given. */
export function programArguments(main: string): Promise<readonly string[]>;
