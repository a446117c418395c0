/** Pixels left of every drawing, for names and numbers: one figure, so that their times align. */
export const GUTTER = 72;
/** Pixels right of every drawing. */
export const RIGHT_EDGE = 28;
/** Least distance of two marks of a time axis, in pixels. */
export const TICK_GAP = 90;
