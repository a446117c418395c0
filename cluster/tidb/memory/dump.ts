import { formatBytes } from './format-bytes.ts';
import type { Tracker } from './tracker.ts';

/** A tracker and those below it in nested blocks. Source: TiDB `Tracker.String`. */
export function dumpTracker(tracker: Tracker): string {
  return `\n${block(tracker, '')}`;
}

function block(tracker: Tracker, indent: string): string {
  const { label, limit, consumed, children } = tracker;
  let text = `${indent}"${label}"{\n`;
  if (limit > 0) text += `${indent}  "quota": ${formatBytes(limit)}\n`;
  text += `${indent}  "consumed": ${formatBytes(consumed)}\n`;
  const ordered = [...children].sort((a, b) => a.label - b.label);
  for (const child of ordered) text += block(child, `${indent}  `);
  return `${text}${indent}}\n`;
}
