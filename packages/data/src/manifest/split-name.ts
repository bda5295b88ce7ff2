/** The three splits of a data set, in the order in which the code numbers them. */
export const SPLIT_NAMES = ['train', 'validation', 'test'] as const;
/** The name of one split. */
export type SplitName = (typeof SPLIT_NAMES)[number];
