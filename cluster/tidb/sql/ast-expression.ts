import type { Datum } from '../../datum.ts';
import type { Query } from './ast-query.ts';
import type { WindowCall } from './ast-window.ts';

/** A hexadecimal or bit literal: its bytes as lower-case hexadecimal digits, two a byte. */
export interface BinaryText {
  readonly hex: string;
}

/**
 * The value of a literal, ready to be computed with. Integers are a `number` up to 2^53 - 1 and a
 * `bigint` above, so that every BIGINT, signed or unsigned, is exact; strings are unescaped.
 */
export type LiteralValue = Datum | BinaryText;

/** What a literal is. */
export type LiteralType = 'int' | 'decimal' | 'real' | 'string' | 'hex' | 'bit' | 'null' | 'bool';

/** A literal. TRUE and FALSE are type `bool` with value 1 and 0. */
export interface Literal {
  readonly kind: 'literal';
  readonly type: LiteralType;
  readonly value: LiteralValue;
  /**
   * Index into the literal values of the text (see the statement cache) when the value may differ
   * between two texts that share this tree; undefined when the value is part of the tree.
   * Evaluate as `ordinal === undefined ? value : literals[ordinal]`.
   */
  readonly ordinal: number | undefined;
}

/** The parameter marker `?`. */
export interface Parameter {
  readonly kind: 'parameter';
  /** Position among the markers of the text, from 0. */
  readonly index: number;
}

/** `[schema.][table.]name`, spelled as written. */
export interface ColumnReference {
  readonly kind: 'column';
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly name: string;
}

/** Where a system variable is looked up; undefined means session first, as MySQL does. */
export type VariableScope = 'session' | 'global' | 'instance';

/** `@@[scope.]name`; the name is in lower case. */
export interface SystemVariable {
  readonly kind: 'system-variable';
  readonly scope: VariableScope | undefined;
  readonly name: string;
}

/** `@name`; the name is in lower case, because user variables ignore case. */
export interface UserVariable {
  readonly kind: 'user-variable';
  readonly name: string;
}

/** `@name := value` inside an expression. */
export interface VariableAssignment {
  readonly kind: 'variable-assignment';
  readonly name: string;
  readonly value: Expression;
}

/** Prefix operators. `!` and `NOT` bind differently but mean the same, so both are `NOT`. */
export type UnaryOperator = '-' | '+' | '~' | 'NOT' | 'BINARY';

/** A prefix operator and its operand. `-5` is `-` applied to the literal 5. */
export interface Unary {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

/** Operators that compare two scalars and answer 1, 0 or NULL (`<=>` never NULL). */
export type ComparisonOperator = '=' | '<=>' | '!=' | '<' | '<=' | '>' | '>=';

/** Infix operators, one name each: `&&` is AND, `||` is OR, `%` is MOD, `<>` is !=. */
export type BinaryOperator =
  | ComparisonOperator
  | 'OR'
  | 'XOR'
  | 'AND'
  | '|'
  | '&'
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | 'DIV'
  | 'MOD'
  | '^'
  | '->'
  | '->>';

/** An infix operator and its operands. */
export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `operand [NOT] IN (a, b, …)`. */
export interface InList {
  readonly kind: 'in-list';
  readonly operand: Expression;
  readonly list: readonly Expression[];
  readonly negated: boolean;
}

/** `operand [NOT] IN (SELECT …)`. */
export interface InSubquery {
  readonly kind: 'in-subquery';
  readonly operand: Expression;
  readonly query: Query;
  readonly negated: boolean;
}

/** `left <operator> ANY|ALL (SELECT …)`; SOME is ANY. */
export interface QuantifiedComparison {
  readonly kind: 'quantified';
  readonly operator: ComparisonOperator;
  readonly quantifier: 'ANY' | 'ALL';
  readonly left: Expression;
  readonly query: Query;
}

/** `operand [NOT] BETWEEN low AND high`. */
export interface Between {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
}

/** `operand [NOT] LIKE pattern [ESCAPE escape]`. */
export interface Like {
  readonly kind: 'like';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: string | undefined;
  readonly negated: boolean;
}

/** `operand [NOT] REGEXP pattern`; RLIKE is the same. */
export interface Regexp {
  readonly kind: 'regexp';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly negated: boolean;
}

/** `operand IS [NOT] NULL|TRUE|FALSE`; UNKNOWN is NULL. */
export interface Is {
  readonly kind: 'is';
  readonly operand: Expression;
  readonly truth: 'NULL' | 'TRUE' | 'FALSE';
  readonly negated: boolean;
}

/** One `WHEN when THEN result` of a CASE. */
export interface CaseBranch {
  readonly when: Expression;
  readonly result: Expression;
}

/** `CASE [operand] WHEN … THEN … [ELSE …] END`. */
export interface Case {
  readonly kind: 'case';
  readonly operand: Expression | undefined;
  readonly branches: readonly CaseBranch[];
  readonly otherwise: Expression | undefined;
}

/** A scalar function call. The name is in upper case; SUBSTRING(a FROM b) is SUBSTRING(a, b). */
export interface FunctionCall {
  readonly kind: 'function';
  readonly name: string;
  readonly args: readonly Expression[];
}

/** The aggregate functions. */
export type AggregateName =
  | 'COUNT'
  | 'SUM'
  | 'MIN'
  | 'MAX'
  | 'AVG'
  | 'GROUP_CONCAT'
  | 'BIT_AND'
  | 'BIT_OR'
  | 'BIT_XOR'
  | 'STD'
  | 'STDDEV'
  | 'VARIANCE'
  | 'ANY_VALUE';

/** An aggregate call; COUNT(*) has no arguments. */
export interface AggregateCall {
  readonly kind: 'aggregate';
  readonly name: AggregateName;
  readonly distinct: boolean;
  readonly args: readonly Expression[];
  /** GROUP_CONCAT only; empty otherwise. */
  readonly orderBy: readonly OrderItem[];
  /** GROUP_CONCAT only. */
  readonly separator: string | undefined;
}

/** One key of ORDER BY or GROUP BY. */
export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** A column or cast type, such as `BIGINT(20) UNSIGNED`. */
export interface DataType {
  /** Upper case and canonical: INTEGER is INT, DEC and NUMERIC are DECIMAL, BOOL is TINYINT(1). */
  readonly name: string;
  readonly length: number | undefined;
  readonly scale: number | undefined;
  readonly unsigned: boolean;
  readonly zerofill: boolean;
  readonly charset: string | undefined;
  readonly collation: string | undefined;
  /** ENUM and SET members; empty otherwise. */
  readonly members: readonly string[];
}

/** `CAST(operand AS type)` and `CONVERT(operand, type)`. */
export interface Cast {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: DataType;
}

/** `CONVERT(operand USING charset)`. */
export interface ConvertUsing {
  readonly kind: 'convert-using';
  readonly operand: Expression;
  readonly charset: string;
}

/** `operand COLLATE collation`. */
export interface Collate {
  readonly kind: 'collate';
  readonly operand: Expression;
  readonly collation: string;
}

/** `INTERVAL value unit`, only as an operand of + and - or an argument of a date function. */
export interface Interval {
  readonly kind: 'interval';
  readonly value: Expression;
  /** DAY, MINUTE_SECOND, … in upper case. */
  readonly unit: string;
}

/** A time unit as an argument, as in TIMESTAMPDIFF(DAY, a, b) and EXTRACT(DAY FROM a). */
export interface TimeUnit {
  readonly kind: 'time-unit';
  readonly unit: string;
}

/** `TRIM([direction] [removed FROM] operand)`; without a direction it is BOTH. */
export interface Trim {
  readonly kind: 'trim';
  readonly direction: 'BOTH' | 'LEADING' | 'TRAILING';
  readonly removed: Expression | undefined;
  readonly operand: Expression;
}

/** `EXISTS (SELECT …)`. */
export interface Exists {
  readonly kind: 'exists';
  readonly query: Query;
}

/** `(SELECT …)` used as a value. */
export interface ScalarSubquery {
  readonly kind: 'subquery';
  readonly query: Query;
}

/** `(a, b, …)` or `ROW(a, b, …)` with at least two members. */
export interface Row {
  readonly kind: 'row';
  readonly members: readonly Expression[];
}

/** `VALUES(column)` in ON DUPLICATE KEY UPDATE: the value the row would have been given. */
export interface InsertedValue {
  readonly kind: 'inserted-value';
  readonly column: ColumnReference;
}

/** `DEFAULT` as a row value or assignment, or `DEFAULT(column)`. */
export interface DefaultValue {
  readonly kind: 'default';
  readonly column: ColumnReference | undefined;
}

/** Any expression, tagged by `kind`. */
export type Expression =
  | Literal
  | Parameter
  | ColumnReference
  | SystemVariable
  | UserVariable
  | VariableAssignment
  | Unary
  | Binary
  | InList
  | InSubquery
  | QuantifiedComparison
  | Between
  | Like
  | Regexp
  | Is
  | Case
  | FunctionCall
  | AggregateCall
  | WindowCall
  | Cast
  | ConvertUsing
  | Collate
  | Interval
  | TimeUnit
  | Trim
  | Exists
  | ScalarSubquery
  | Row
  | InsertedValue
  | DefaultValue;
