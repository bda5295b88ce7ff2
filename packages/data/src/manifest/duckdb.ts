import { createRequire } from 'node:module';
import type * as Database from '@duckdb/node-api';

const load = createRequire(import.meta.url);

/** DuckDB, loaded when it is first used: its binding takes a fifth of a second, and not every import of this package reads a table. */
export const duckdb = (): typeof Database => load('@duckdb/node-api') as typeof Database;
