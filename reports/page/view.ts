import { useEffect, useState } from 'preact/hooks';

/** A stretch of the run in µs. */
export interface Range {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * What all drawings of the page share: the stretch of the run they show, and the moment under the
 * pointer. One of them sets it, all of them follow.
 */
export class View {
  readonly whole: Range;
  range: Range;
  cursorUs: number | undefined;
  readonly #rangeListeners = new Set<() => void>();
  readonly #cursorListeners = new Set<() => void>();

  constructor(whole: Range) {
    this.whole = whole;
    this.range = whole;
  }

  /** Shows a stretch, cut to the run; one too short to see (below 1 ms) is ignored. */
  show(range: Range): void {
    const fromUs = Math.max(this.whole.fromUs, range.fromUs);
    const toUs = Math.min(this.whole.toUs, range.toUs);
    if (toUs - fromUs < 1000) return;
    this.range = { fromUs, toUs };
    for (const listener of this.#rangeListeners) listener();
  }

  point(us: number | undefined): void {
    if (us === this.cursorUs) return;
    this.cursorUs = us;
    for (const listener of this.#cursorListeners) listener();
  }

  onRange(listener: () => void): () => void {
    this.#rangeListeners.add(listener);
    return () => this.#rangeListeners.delete(listener);
  }

  onCursor(listener: () => void): () => void {
    this.#cursorListeners.add(listener);
    return () => this.#cursorListeners.delete(listener);
  }
}

/** The shown stretch, as state of a component. */
export function useRange(view: View): Range {
  const [range, setRange] = useState(view.range);
  useEffect(() => view.onRange(() => setRange(view.range)), [view]);
  return range;
}

/** The moment under the pointer, as state of a component. */
export function useCursor(view: View): number | undefined {
  const [cursor, setCursor] = useState(view.cursorUs);
  useEffect(() => view.onCursor(() => setCursor(view.cursorUs)), [view]);
  return cursor;
}

/** Width of an element in pixels, followed as it changes. 0 until it is laid out. */
export function useWidth(ref: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
