import type { Compiled } from '../../executor/context.ts';
import { compile } from '../../executor/expression.ts';
import type { ColumnCondition } from '../../executor/ranges.ts';
import type { Expression } from '../ast.ts';
import type { ColumnInfo, TableInfo } from '../catalog.ts';
import { findColumn, type PlanEnvironment, type Scope, ScopeResolver } from './scope.ts';

/** Constants of a bound as EXPLAIN spells them; empty unless it asks. */
export interface BoundTexts {
  readonly points: readonly string[];
  readonly low: string | undefined;
  readonly high: string | undefined;
}

/** A condition that can narrow a range: a column against constants. */
export interface Bounding {
  readonly offset: number;
  readonly condition: ColumnCondition;
  readonly texts: BoundTexts;
  /** What it was made of: it need not be checked again where the range fulfils it. */
  readonly source: Expression;
}

/** Which columns of which table a condition may speak of. */
export interface BoundedTable {
  readonly table: TableInfo;
  readonly scope: Scope;
  /** Offsets of the scope's columns in the table. */
  readonly wanted: readonly number[];
}

/** Conditions of the form column-against-constant, for columns of this table. */
export function boundings(
  table: BoundedTable,
  conditions: readonly Expression[],
  env: PlanEnvironment,
): Bounding[] {
  const finder = new BoundFinder(table, env);
  return conditions.flatMap((condition) => finder.of(condition) ?? []);
}

/** What an operator says when its operands change places. */
export const MIRRORED: Readonly<Record<string, string>> = {
  ...{ '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' },
};

class BoundFinder {
  private readonly bounded: BoundedTable;
  private readonly env: PlanEnvironment;
  private readonly constants: ScopeResolver;

  constructor(bounded: BoundedTable, env: PlanEnvironment) {
    this.bounded = bounded;
    this.env = env;
    this.constants = new ScopeResolver(env, []);
  }

  of(condition: Expression): Bounding | undefined {
    if (condition.kind === 'binary') return this.ofBinary(condition);
    if (condition.kind === 'is' && condition.truth === 'NULL' && !condition.negated) {
      return this.points(condition, condition.operand, [], true);
    }
    if (condition.kind === 'in-list' && !condition.negated) {
      return this.points(condition, condition.operand, condition.list, false);
    }
    if (condition.kind !== 'between' || condition.negated) return undefined;
    const offset = this.offsetOf(condition.operand);
    const low = this.constantFor(condition.low, offset);
    const high = this.constantFor(condition.high, offset);
    if (offset === undefined || low === undefined || high === undefined) return undefined;
    const interval = {
      kind: 'interval',
      low: [{ value: low, inclusive: true }],
      high: [{ value: high, inclusive: true }],
    } as const;
    const texts = {
      points: [],
      low: `[${this.text(condition.low)}`,
      high: `${this.text(condition.high)}]`,
    };
    return { offset, condition: interval, texts, source: condition };
  }

  private ofBinary(condition: Extract<Expression, { kind: 'binary' }>): Bounding | undefined {
    const mirrored = MIRRORED[condition.operator];
    if (mirrored === undefined) return undefined;
    const onLeft = this.offsetOf(condition.left);
    const [column, other] =
      onLeft === undefined ? [condition.right, condition.left] : [condition.left, condition.right];
    const operator = onLeft === undefined ? mirrored : condition.operator;
    if (operator === '=') return this.points(condition, column, [other], false);
    const offset = this.offsetOf(column);
    const value = this.constantFor(other, offset);
    if (offset === undefined || value === undefined) return undefined;
    const inclusive = operator.endsWith('=');
    const limit = [{ value, inclusive }];
    const above = operator.startsWith('>');
    const text = this.text(other);
    return {
      offset,
      condition: { kind: 'interval', low: above ? limit : [], high: above ? [] : limit },
      texts: {
        points: [],
        low: above ? `${inclusive ? '[' : '('}${text}` : undefined,
        high: above ? undefined : `${text}${inclusive ? ']' : ')'}`,
      },
      source: condition,
    };
  }

  private points(
    source: Expression,
    column: Expression,
    constants: readonly Expression[],
    orNull: boolean,
  ): Bounding | undefined {
    const offset = this.offsetOf(column);
    const values = constants.map((constant) => this.constantFor(constant, offset));
    if (offset === undefined || values.includes(undefined)) return undefined;
    const condition = { kind: 'points', values: values as Compiled[], orNull } as const;
    const points = [...constants.map((each) => this.text(each)), ...(orNull ? ['NULL'] : [])];
    return { offset, condition, texts: { points, low: undefined, high: undefined }, source };
  }

  private offsetOf(expression: Expression): number | undefined {
    if (expression.kind !== 'column') return undefined;
    const at = findColumn(this.bounded.scope, expression);
    return at === undefined ? undefined : this.bounded.wanted[at];
  }

  /** A constant that a key of the column can be made of; undefined where types do not match. */
  private constantFor(expression: Expression, offset: number | undefined): Compiled | undefined {
    const free = expression.kind === 'literal' || expression.kind === 'parameter';
    const signed = expression.kind === 'unary' && expression.operand.kind === 'literal';
    if (offset === undefined || !(free || signed)) return undefined;
    const compiled = compile(expression, this.constants);
    const column = (this.bounded.table.columns[offset] as ColumnInfo).type.kind;
    const value = compiled.type.kind;
    const fits =
      column === value ||
      (column === 'decimal' && value === 'int') ||
      ((column === 'datetime' || column === 'date') && value === 'string');
    return compiled.constant && fits ? compiled : undefined;
  }

  private text(constant: Expression): string {
    return this.env.texts?.expression(constant, () => undefined) ?? '';
  }
}
