/** Which generator translates: from domain X to domain Y, or back. */
export type Direction = 'x-to-y' | 'y-to-x';
