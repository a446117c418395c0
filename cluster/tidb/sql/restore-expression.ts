/**
 * Expressions as text: as few parentheses as the precedence table needs, or one pair around every
 * operator, which lets a test compare how two parsers group.
 */
import type {
  BinaryText,
  DataType,
  Expression,
  FrameBound,
  Is,
  LiteralValue,
  OrderItem,
  WindowCall,
  WindowFrame,
  WindowSpecification,
} from './ast.ts';
import { needsQuotes } from './keywords.ts';
import { Level, levelOfOperator } from './precedence.ts';
import type { Restorer } from './restore-query.ts';

/** A name, in backticks where a bare word would be read differently. */
export function restoreName(name: string): string {
  return needsQuotes(name) ? `\`${name.replaceAll('`', '``')}\`` : name;
}

/** A string literal in single quotes. */
export function restoreString(value: string): string {
  let escaped = '';
  for (const char of value) escaped += escapes.get(char) ?? char;
  return `'${escaped}'`;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "''"],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\0', '\\0'],
  ['\x1a', '\\Z'],
]);

/** A literal of that value. */
export function restoreLiteral(type: string, value: LiteralValue): string {
  if (value === null) return 'NULL';
  if (type === 'bool') return value === 0 ? 'FALSE' : 'TRUE';
  if (typeof value === 'string') return restoreString(value);
  if (typeof value !== 'object') return String(value);
  if ('hex' in value) return restoreBinary(type, value);
  if (value.kind === 'real') return restoreReal(value.value);
  const digits = String(value.unscaled).padStart(value.scale + 1, '0');
  const whole = digits.length - value.scale;
  // The dot stays without a fraction too: `5.` is a decimal, `5` an integer.
  return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

function restoreReal(value: number): string {
  const text = String(value);
  return text.includes('e') ? text : `${text}e0`;
}

function restoreBinary(type: string, { hex }: BinaryText): string {
  if (type !== 'bit') return `x'${hex}'`;
  const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'));
  return `b'${bits.join('')}'`;
}

/** A column or cast type. */
export function restoreType(type: DataType): string {
  const scale = type.scale === undefined ? '' : `, ${type.scale}`;
  const members = type.members.map(restoreString).join(', ');
  const inside = type.length === undefined ? members : `${type.length}${scale}`;
  const parts = [inside === '' ? type.name : `${type.name}(${inside})`];
  if (type.unsigned && !type.zerofill) parts.push('UNSIGNED');
  if (type.zerofill) parts.push('ZEROFILL');
  if (type.charset !== undefined) parts.push(`CHARACTER SET ${restoreString(type.charset)}`);
  if (type.collation !== undefined) parts.push(`COLLATE ${restoreString(type.collation)}`);
  return parts.join(' ');
}

/**
 * An expression that must bind at least as tightly as `min`; looser ones get parentheses.
 *
 * @param restorer options, and how to print a query inside
 */
export function restoreExpression(
  restorer: Restorer,
  node: Expression,
  min: number = Level.or,
): string {
  const level = levelOf(node);
  const text = textOf(restorer, node);
  const wrap = level < min || (restorer.parenthesise && level < Level.primary);
  return wrap ? `(${text})` : text;
}

/** How tightly the outermost operator of a node binds. */
function levelOf(node: Expression): number {
  switch (node.kind) {
    case 'binary':
      return levelOfOperator(node.operator);
    case 'unary':
      return node.operator === 'NOT' ? Level.not : Level.prefix;
    case 'is':
    case 'quantified':
      return Level.comparison;
    case 'in-list':
    case 'in-subquery':
    case 'like':
    case 'between':
    case 'regexp':
      return Level.predicate;
    case 'collate':
      return Level.collate;
    case 'variable-assignment':
      return 0;
    default:
      return Level.primary;
  }
}

function textOf(restorer: Restorer, node: Expression): string {
  const at = (child: Expression, min: number): string => restoreExpression(restorer, child, min);
  const list = (children: readonly Expression[]): string => restoreList(restorer, children);
  const not = 'negated' in node && node.negated ? 'NOT ' : '';
  switch (node.kind) {
    case 'unary':
      return node.operator === 'NOT' || node.operator === 'BINARY'
        ? `${node.operator} ${at(node.operand, levelOf(node))}`
        : `${node.operator}${unglued(at(node.operand, Level.prefix))}`;
    case 'binary': {
      const level = levelOfOperator(node.operator);
      return `${at(node.left, level)} ${node.operator} ${at(node.right, level + 1)}`;
    }
    case 'quantified': {
      const left = at(node.left, Level.comparison);
      return `${left} ${node.operator} ${node.quantifier} (${restorer.query(node.query)})`;
    }
    case 'is':
      return `${at(node.operand, Level.comparison)} IS ${not}${node.truth satisfies Is['truth']}`;
    case 'in-list':
      return `${at(node.operand, Level.bitOr)} ${not}IN (${list(node.list)})`;
    case 'in-subquery':
      return `${at(node.operand, Level.bitOr)} ${not}IN (${restorer.query(node.query)})`;
    case 'between': {
      const range = `${at(node.low, Level.bitOr)} AND ${at(node.high, Level.predicate)}`;
      return `${at(node.operand, Level.bitOr)} ${not}BETWEEN ${range}`;
    }
    case 'like': {
      const escapeChar = node.escape === undefined ? '' : ` ESCAPE ${restoreString(node.escape)}`;
      const pattern = at(node.pattern, Level.prefix);
      return `${at(node.operand, Level.bitOr)} ${not}LIKE ${pattern}${escapeChar}`;
    }
    case 'regexp':
      return `${at(node.operand, Level.bitOr)} ${not}REGEXP ${at(node.pattern, Level.bitOr)}`;
    case 'collate':
      return `${at(node.operand, Level.collate)} COLLATE ${restoreString(node.collation)}`;
    default:
      return textOfPrimary(restorer, node);
  }
}

/** `-` before something that starts with `-` would open a comment. */
function unglued(text: string): string {
  return /^[-+]/.test(text) ? ` ${text}` : text;
}

function restoreList(restorer: Restorer, nodes: readonly Expression[]): string {
  return nodes.map((node) => restoreExpression(restorer, node)).join(', ');
}

type Operator =
  | 'unary'
  | 'binary'
  | 'quantified'
  | 'is'
  | 'in-list'
  | 'in-subquery'
  | 'between'
  | 'like'
  | 'regexp'
  | 'collate';

function textOfPrimary(restorer: Restorer, node: Exclude<Expression, { kind: Operator }>): string {
  switch (node.kind) {
    case 'literal':
      return restoreLiteral(node.type, node.value);
    case 'parameter':
      return '?';
    case 'column':
      return [node.schema, node.table, node.name]
        .filter((part) => part !== undefined)
        .map(restoreName)
        .join('.');
    case 'system-variable':
      return node.scope === undefined ? `@@${node.name}` : `@@${node.scope}.${node.name}`;
    case 'user-variable':
      return restoreVariable(node.name);
    case 'variable-assignment':
      return `${restoreVariable(node.name)} := ${restoreExpression(restorer, node.value)}`;
    case 'exists':
      return `EXISTS (${restorer.query(node.query)})`;
    case 'subquery':
      return `(${restorer.query(node.query)})`;
    case 'row':
      return `ROW(${restoreList(restorer, node.members)})`;
    case 'inserted-value':
      return `VALUES(${restoreExpression(restorer, node.column)})`;
    case 'default':
      return node.column === undefined
        ? 'DEFAULT'
        : `DEFAULT(${restoreExpression(restorer, node.column)})`;
    default:
      return textOfCall(restorer, node);
  }
}

/** `@name`, quoted where it holds more than a word. */
export function restoreVariable(name: string): string {
  return /^[\w$.]+$/.test(name) ? `@${name}` : `@\`${name.replaceAll('`', '``')}\``;
}

type Primary =
  | 'literal'
  | 'parameter'
  | 'column'
  | 'system-variable'
  | 'user-variable'
  | 'variable-assignment'
  | 'exists'
  | 'subquery'
  | 'row'
  | 'inserted-value'
  | 'default';

function textOfCall(
  restorer: Restorer,
  node: Exclude<Expression, { kind: Operator | Primary }>,
): string {
  const of = (child: Expression): string => restoreExpression(restorer, child);
  switch (node.kind) {
    case 'function':
      return restoreCall(restorer, node.name, node.args);
    case 'aggregate': {
      const args = node.args.length === 0 ? '*' : restoreList(restorer, node.args);
      const order = restoreOrderItems(restorer, ' ORDER BY ', node.orderBy);
      const separator =
        node.separator === undefined ? '' : ` SEPARATOR ${restoreString(node.separator)}`;
      return `${node.name}(${node.distinct ? 'DISTINCT ' : ''}${args}${order}${separator})`;
    }
    case 'window': {
      const from = node.fromLast ? ' FROM LAST' : '';
      const nulls = node.ignoreNulls ? ' IGNORE NULLS' : '';
      return `${of(node.call)}${from}${nulls} OVER ${restoreOver(restorer, node.over)}`;
    }
    case 'case': {
      const branches = node.branches.map((b) => ` WHEN ${of(b.when)} THEN ${of(b.result)}`);
      const operand = node.operand === undefined ? '' : ` ${of(node.operand)}`;
      const otherwise = node.otherwise === undefined ? '' : ` ELSE ${of(node.otherwise)}`;
      return `CASE${operand}${branches.join('')}${otherwise} END`;
    }
    case 'cast':
      return `CAST(${of(node.operand)} AS ${restoreType(node.type)})`;
    case 'convert-using':
      return `CONVERT(${of(node.operand)} USING ${restoreString(node.charset)})`;
    case 'interval':
      return `INTERVAL ${of(node.value)} ${node.unit}`;
    case 'time-unit':
      return node.unit;
    case 'trim': {
      const removed = node.removed === undefined ? '' : `${of(node.removed)} `;
      return node.direction === 'BOTH' && removed === ''
        ? `TRIM(${of(node.operand)})`
        : `TRIM(${node.direction} ${removed}FROM ${of(node.operand)})`;
    }
  }
}

function restoreOver(restorer: Restorer, over: WindowCall['over']): string {
  return typeof over === 'string' ? restoreName(over) : restoreWindow(restorer, over);
}

/** `([base] [PARTITION BY …] [ORDER BY …] [frame])`. */
export function restoreWindow(restorer: Restorer, window: WindowSpecification): string {
  const keys = restoreList(restorer, window.partitionBy);
  const parts = [
    window.base === undefined ? '' : restoreName(window.base),
    keys === '' ? '' : `PARTITION BY ${keys}`,
    restoreOrderItems(restorer, 'ORDER BY ', window.orderBy),
    window.frame === undefined ? '' : restoreFrame(restorer, window.frame),
  ];
  return `(${parts.filter((part) => part !== '').join(' ')})`;
}

function restoreFrame(restorer: Restorer, { unit, start, end }: WindowFrame): string {
  const bound = ({ side, distance }: FrameBound): string => {
    if (side === 'current-row') return 'CURRENT ROW';
    const far = distance === undefined ? 'UNBOUNDED' : restoreExpression(restorer, distance);
    return `${far} ${side.toUpperCase()}`;
  };
  return `${unit} BETWEEN ${bound(start)} AND ${bound(end)}`;
}

function restoreCall(restorer: Restorer, name: string, args: readonly Expression[]): string {
  if (name === 'EXTRACT') {
    const [unit, operand] = args;
    if (unit?.kind === 'time-unit' && operand !== undefined) {
      return `EXTRACT(${unit.unit} FROM ${restoreExpression(restorer, operand)})`;
    }
  }
  return `${name}(${restoreList(restorer, args)})`;
}

/** The word and the items, or nothing without items. */
export function restoreOrderItems(
  restorer: Restorer,
  word: string,
  items: readonly OrderItem[],
): string {
  if (items.length === 0) return '';
  const list = items.map(
    ({ expression, descending }) =>
      restoreExpression(restorer, expression) + (descending ? ' DESC' : ''),
  );
  return word + list.join(', ');
}
