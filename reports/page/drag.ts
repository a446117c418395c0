import { useState } from 'preact/hooks';
import { usAt, type Viewport } from '../lanes.ts';
import { GUTTER } from './frame.ts';
import type { View } from './view.ts';

/** A drag narrower than this is a click that slipped. Pixels. */
const MIN_DRAG = 4;

interface Selection {
  readonly x: number;
  readonly width: number;
}

interface ZoomDrag {
  /** What is selected so far, while the pointer is down. */
  readonly selection: Selection | undefined;
  readonly handlers: Readonly<Record<string, (event: PointerEvent) => void>>;
}

/** Zoom by dragging over the timeline: the same gesture as in the charts below it. */
export function useZoomDrag(view: View, viewport: Viewport): ZoomDrag {
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const selection =
    drag === undefined
      ? undefined
      : { x: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) };
  const finish = (): void => {
    setDrag(undefined);
    if (selection === undefined || selection.width < MIN_DRAG) return;
    view.show({
      fromUs: usAt(viewport, selection.x),
      toUs: usAt(viewport, selection.x + selection.width),
    });
  };
  const move = (event: PointerEvent): void => {
    const x = place(event, viewport);
    view.point(usAt(viewport, x));
    if (drag !== undefined) setDrag({ from: drag.from, to: x });
  };
  const begin = (event: PointerEvent): void => {
    const x = place(event, viewport);
    setDrag({ from: x, to: x });
  };
  return {
    selection,
    handlers: {
      onPointerDown: begin,
      onPointerMove: move,
      onPointerUp: finish,
      onPointerLeave: () => view.point(undefined),
      onDblClick: () => view.show(view.whole),
    },
  };
}

/** Where the pointer is in the drawing area, kept inside it. Pixels. */
function place(event: PointerEvent, viewport: Viewport): number {
  const { left } = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
  return Math.min(Math.max(event.clientX - left - GUTTER, 0), viewport.width);
}
