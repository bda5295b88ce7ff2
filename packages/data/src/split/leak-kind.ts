/** How two images in different splits can be the same: byte for byte, by perceptual hash, or by person. */
export const LEAK_KINDS = ['exact', 'near-duplicate', 'identity'] as const;
/** One of {@link LEAK_KINDS}. */
export type LeakKind = (typeof LEAK_KINDS)[number];
