/**
 * Layout of the timeline as plain numbers: where a band starts, how wide it is, in which row its
 * label stands. No drawing here, so the maths is tested without a browser.
 */

/** A stretch of virtual time with words on it; `untilUs` is Infinity when it never ended. */
export interface Span {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly label: string;
}

/** What part of the run is shown, and on how many pixels. */
export interface Viewport {
  readonly fromUs: number;
  readonly toUs: number;
  /** Width of the drawing area in pixels. */
  readonly width: number;
}

/**
 * A span in pixels. `row` counts from 0 at the top; `cut*` say that it goes on outside the view.
 */
export interface Band<S extends Span = Span> {
  readonly x: number;
  readonly width: number;
  readonly row: number;
  readonly cutLeft: boolean;
  readonly cutRight: boolean;
  /** Where its label begins: inside, else right after it; absent if neither has room. */
  readonly labelX?: number;
  readonly span: S;
}

/** Narrower bands than this would not be seen. Pixels. */
const MIN_BAND_WIDTH = 2;

/** Horizontal place of a moment in pixels from the left edge of the drawing area; unclipped. */
export function xOf(view: Viewport, us: number): number {
  const length = view.toUs - view.fromUs;
  return length <= 0 ? 0 : ((us - view.fromUs) / length) * view.width;
}

/** The moment under a horizontal place: the inverse of `xOf`. */
export function usAt(view: Viewport, x: number): number {
  return view.width <= 0 ? view.fromUs : view.fromUs + (x / view.width) * (view.toUs - view.fromUs);
}

/**
 * Bands of the spans that touch the view, clipped to it, in order of start. Spans that overlap in
 * time stand in different rows; labels never cost a row: one without room (`charWidth` pixels a
 * character) is left out, so a lane stays as low as its faults allow.
 */
export function layBands<S extends Span>(
  spans: readonly S[],
  view: Viewport,
  charWidth: number,
): Band<S>[] {
  const shown = spans
    .filter((span) => span.untilUs >= view.fromUs && span.fromUs <= view.toUs)
    .sort((a, b) => a.fromUs - b.fromUs || a.untilUs - b.untilUs);
  const rowEndsUs: number[] = [];
  const placed = shown.map((span) => {
    const box = clip(span, view);
    const row = firstFreeRow(rowEndsUs, span.fromUs);
    rowEndsUs[row] = span.untilUs;
    return { ...box, row, span };
  });
  return placed.map((band, i) => {
    const next = placed.find((other, k) => k > i && other.row === band.row);
    const labelX = labelPlace(band, band.span.label.length * charWidth, next?.x ?? view.width);
    return labelX === undefined ? band : { ...band, labelX };
  });
}

/** Free pixels on each side of a label. */
const LABEL_PADDING = 4;

function labelPlace(
  { x, width }: Pick<Band, 'x' | 'width'>,
  labelWidth: number,
  endX: number,
): number | undefined {
  const needed = labelWidth + 2 * LABEL_PADDING;
  if (needed <= width) return x + LABEL_PADDING;
  return x + width + needed <= endX ? x + width + LABEL_PADDING : undefined;
}

function clip(span: Span, view: Viewport): Pick<Band, 'x' | 'width' | 'cutLeft' | 'cutRight'> {
  const cutLeft = span.fromUs < view.fromUs;
  const cutRight = span.untilUs > view.toUs;
  const left = cutLeft ? 0 : xOf(view, span.fromUs);
  const right = cutRight ? view.width : xOf(view, span.untilUs);
  const width = Math.max(right - left, MIN_BAND_WIDTH);
  return { x: Math.min(left, view.width - width), width, cutLeft, cutRight };
}

function firstFreeRow(rowEndsUs: readonly number[], fromUs: number): number {
  const row = rowEndsUs.findIndex((endUs) => endUs <= fromUs);
  return row < 0 ? rowEndsUs.length : row;
}

/**
 * Round steps for an axis of virtual time, in µs: the smallest that leaves at least `minGap` pixels
 * between two marks. Clock steps (15 s, 5 min, 1 h), not decimal ones.
 */
export function tickStepUs(view: Viewport, minGap: number): number {
  const perPixel = (view.toUs - view.fromUs) / Math.max(1, view.width);
  const wanted = perPixel * minGap;
  return TICK_STEPS_US.find((step) => step >= wanted) ?? (TICK_STEPS_US.at(-1) as number);
}

/** The moments of the axis marks inside the view: whole multiples of `tickStepUs`. */
export function ticksUs(view: Viewport, minGap: number): number[] {
  const step = tickStepUs(view, minGap);
  const marks: number[] = [];
  for (let at = Math.ceil(view.fromUs / step) * step; at <= view.toUs; at += step) marks.push(at);
  return marks;
}

const SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 86400,
];
const TICK_STEPS_US: readonly number[] = [
  ...[1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
  ...SECONDS.map((s) => s * 1_000_000),
];
