import { SqlError } from '../../../errors.ts';
import { illegalFrame } from '../../executor/window-frame.ts';
import type {
  Expression,
  FrameBound,
  NamedWindow,
  OrderItem,
  WindowCall,
  WindowFrame,
  WindowSpecification,
} from '../ast.ts';
import { windowsIn } from './walk.ts';

/** A window with all that it inherits. */
export interface ResolvedWindow {
  /** For errors: `<unnamed window>` if it has none. */
  readonly name: string;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: WindowFrame | undefined;
}

const UNNAMED = '<unnamed window>';

/** Functions that see the whole partition, whatever frame is asked for. */
const FRAMELESS: ReadonlySet<string> = new Set([
  ...['CUME_DIST', 'DENSE_RANK', 'LAG', 'LEAD', 'NTILE', 'PERCENT_RANK', 'RANK', 'ROW_NUMBER'],
]);

const CURRENT_ROW: FrameBound = { side: 'current-row', distance: undefined };

/** The windows of one SELECT, by name and as they stand behind OVER. */
export class Windows {
  private readonly named = new Map<string, NamedWindow>();
  private readonly resolved = new Map<string, ResolvedWindow>();

  /** Throws 3591, and the errors of `resolve` also for windows nobody uses. */
  constructor(windows: readonly NamedWindow[]) {
    for (const window of windows) {
      const key = window.name.toLowerCase();
      if (this.named.has(key)) {
        throw new SqlError(3591, `Window '${window.name}' is defined twice.`);
      }
      this.named.set(key, window);
    }
    for (const { name } of windows) this.byName(name, []);
  }

  /**
   * The window a call is over, with the frame that the function sees. Throws 1235, 3579 to 3592,
   * 3595, 3596.
   */
  of({ over, call }: WindowCall): ResolvedWindow {
    const window =
      typeof over === 'string' ? this.byName(over, []) : this.merged(UNNAMED, over, []);
    return { ...window, frame: frameFor(call.name, window) };
  }

  private byName(name: string, path: readonly string[]): ResolvedWindow {
    const key = name.toLowerCase();
    const known = this.resolved.get(key);
    if (known !== undefined) return known;
    if (path.includes(key)) {
      throw new SqlError(3580, 'There is a circularity in the window dependency graph.');
    }
    const window = this.named.get(key);
    if (window === undefined) throw new SqlError(3579, `Window name '${name}' is not defined.`);
    const merged = this.merged(window.name, window.specification, [...path, key]);
    this.resolved.set(key, merged);
    return merged;
  }

  private merged(
    name: string,
    specification: WindowSpecification,
    path: readonly string[],
  ): ResolvedWindow {
    checkFrame(name, specification);
    const { base, partitionBy, orderBy, frame } = specification;
    for (const key of [...partitionBy, ...orderBy.map(({ expression }) => expression)]) {
      checkKey(name, key);
    }
    if (base === undefined) return { name, partitionBy, orderBy, frame };
    const inherited = this.byName(base, path);
    if (inherited.frame !== undefined) {
      throw new SqlError(
        3582,
        `Window '${inherited.name}' has a frame definition, so cannot be referenced by another window.`,
      );
    }
    if (partitionBy.length > 0) {
      throw new SqlError(3581, 'A window which depends on another cannot define partitioning.');
    }
    if (orderBy.length > 0 && inherited.orderBy.length > 0) {
      throw new SqlError(
        3583,
        `Window '${name}' cannot inherit '${inherited.name}' since both contain an ORDER BY clause.`,
      );
    }
    const order = orderBy.length > 0 ? orderBy : inherited.orderBy;
    return { name, partitionBy: inherited.partitionBy, orderBy: order, frame };
  }
}

function checkKey(name: string, key: Expression): void {
  if (key.kind === 'literal' && key.type === 'int') {
    throw new SqlError(
      3592,
      `Window '${name}': ORDER BY or PARTITION BY uses legacy position indication which is not supported, use expression.`,
    );
  }
  if (windowsIn(key).length === 0) return;
  throw new SqlError(
    3595,
    `You cannot nest a window function in the specification of window '${name}'.`,
  );
}

/** What can be said of a frame without knowing types. Source: TiDB `checkOriginWindowSpec`. */
function checkFrame(name: string, { frame }: WindowSpecification): void {
  if (frame === undefined) return;
  const { unit, start, end } = frame;
  if (unit === 'GROUPS') {
    throw new SqlError(1235, "This version of TiDB doesn't yet support 'GROUPS'");
  }
  if (start.side === 'following' && start.distance === undefined) {
    throw new SqlError(3584, `Window '${name}': frame start cannot be UNBOUNDED FOLLOWING.`);
  }
  if (end.side === 'preceding' && end.distance === undefined) {
    throw new SqlError(3585, `Window '${name}': frame end cannot be UNBOUNDED PRECEDING.`);
  }
  if (placeOf(start) > placeOf(end)) throw illegalFrame(name);
  for (const { distance } of [start, end]) {
    if (unit === 'ROWS' && distance?.kind === 'interval') {
      throw new SqlError(3596, `Window '${name}': INTERVAL can only be used with RANGE frames.`);
    }
  }
}

function placeOf({ side }: FrameBound): number {
  return { preceding: 0, 'current-row': 1, following: 2 }[side];
}

/** The frame a function sees; undefined: the whole partition. Source: TiDB `handleDefaultFrame`. */
function frameFor(name: string, { frame, orderBy }: ResolvedWindow): WindowFrame | undefined {
  if (name === 'ROW_NUMBER') return { unit: 'ROWS', start: CURRENT_ROW, end: CURRENT_ROW };
  if (FRAMELESS.has(name)) return undefined;
  if (frame === undefined) {
    if (orderBy.length === 0) return undefined;
    const start = { side: 'preceding', distance: undefined } as const;
    return { unit: 'RANGE', start, end: CURRENT_ROW };
  }
  const unbounded = (bound: FrameBound): boolean =>
    bound.side !== 'current-row' && bound.distance === undefined;
  return unbounded(frame.start) && unbounded(frame.end) ? undefined : frame;
}
