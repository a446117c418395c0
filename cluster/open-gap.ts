/** Up to so many elements are moved one by one: a call out of JavaScript would cost more. */
const FEW = 160;

/** Moves the elements of `[at, end)` up by `width`. There is room behind them. */
export function openGap(
  array: Float64Array | Int32Array | Uint8Array,
  at: number,
  end: number,
  width: number,
): void {
  if (end - at > FEW) array.copyWithin(at + width, at, end);
  else for (let i = end - 1; i >= at; i--) array[i + width] = array[i] as number;
}
