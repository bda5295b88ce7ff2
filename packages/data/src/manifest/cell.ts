/** The value of one cell of a table: text, a number, or null where nothing is known. */
export type Cell = string | number | null;
