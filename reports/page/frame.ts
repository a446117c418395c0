/** Pixels left of every drawing, for names and numbers: one figure, so that their times align. */
export const GUTTER = 72;
/** Pixels right of every drawing. */
export const RIGHT_EDGE = 16;
