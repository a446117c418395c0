import type { WindowFunction } from '../../executor/window-function.ts';
import type { Expression, FrameBound } from '../ast.ts';
import { decimalType } from '../catalog-type.ts';
import { castText } from './texts.ts';
import type { ResolvedWindow } from './window-specification.ts';

/** `sum(cast(test.t.a, decimal(20,0) BINARY))`. Source: TiDB `WindowFuncDesc`. */
export function functionText({ name, args }: WindowFunction, texts: readonly string[]): string {
  const [arg] = args;
  const [text = name === 'COUNT' ? '1' : '', ...rest] = texts;
  const casts = (name === 'SUM' || name === 'AVG') && arg?.type.kind === 'int';
  const first = casts ? castText(text, decimalType(arg.type.length, 0)) : text;
  return `${name.toLowerCase()}(${[first, ...rest].join(', ')})`;
}

/**
 * `partition by test.t.a order by test.t.b desc rows between 1 preceding and current row`. Source:
 * TiDB `PhysicalWindow.ExplainInfo`.
 */
export function windowText(
  { partitionBy, orderBy, frame }: ResolvedWindow,
  text: (expression: Expression) => string,
): string {
  const parts: string[] = [];
  if (partitionBy.length > 0) parts.push(`partition by ${partitionBy.map(text).join(', ')}`);
  if (orderBy.length > 0) {
    const keys = orderBy.map(({ expression, descending }) => {
      return `${text(expression)}${descending ? ' desc' : ''}`;
    });
    parts.push(`order by ${keys.join(', ')}`);
  }
  if (frame !== undefined) {
    const { unit, start, end } = frame;
    const ends = `${boundText(start, text)} and ${boundText(end, text)}`;
    parts.push(`${unit.toLowerCase()} between ${ends}`);
  }
  return parts.join(' ');
}

function boundText(
  { side, distance }: FrameBound,
  text: (expression: Expression) => string,
): string {
  if (side === 'current-row') return 'current row';
  if (distance === undefined) return `unbounded ${side}`;
  if (distance.kind !== 'interval') return `${text(distance)} ${side}`;
  return `interval ${text(distance.value)} "${distance.unit}" ${side}`;
}
