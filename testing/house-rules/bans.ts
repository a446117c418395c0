/**
 * What the core must not touch. A run is determined by its seed only if nothing in the core looks
 * at the platform's clock, randomness, locale or number libraries, or waits for the platform's
 * event loop. Each ban names what to use instead.
 */
import ts from 'typescript';
import { isCode, isTest, nodes, type Offence, offenceAt, type Rule, type Source } from './rule.ts';

const GLOBALS: ReadonlyMap<string, string> = new Map([
  [
    'Date',
    "the scheduler's time (cluster/sim/scheduler.ts) or a node's clock (cluster/sim/clock.ts)",
  ],
  ['performance', "the scheduler's time (cluster/sim/scheduler.ts)"],
  [
    'setTimeout',
    'a scheduled event (cluster/sim/scheduler.ts) or a sleeping task (cluster/sim/task.ts)',
  ],
  ['setInterval', 'a task that sleeps in a loop (cluster/sim/task.ts)'],
  ['setImmediate', 'a scheduled event (cluster/sim/scheduler.ts)'],
  ['queueMicrotask', 'a scheduled event (cluster/sim/scheduler.ts)'],
  ['crypto', 'a keyed stream (cluster/sim/rng.ts)'],
  ['Intl', 'text built by hand: locales differ between machines'],
  ['process', 'an option handed in by the runner'],
  ['console', 'the node’s log (cluster/log.ts) or a finding of a checker'],
  ['globalThis', 'an import: what is global differs between platforms'],
  ['WeakRef', 'a Map that is cleared: collection happens when the platform likes'],
  ['FinalizationRegistry', 'an explicit end: collection happens when the platform likes'],
]);

const LOCALE = 'an explicit comparator or text built by hand: locales differ between machines';
const INEXACT = 'integers, or a fixed table: its last digits are the engine’s choice';

const MEMBERS: ReadonlyMap<string, string> = new Map([
  ['localeCompare', LOCALE],
  ['toLocaleString', LOCALE],
  ['toLocaleUpperCase', LOCALE],
  ['toLocaleLowerCase', LOCALE],
  ['Math.random', 'a keyed stream (cluster/sim/rng.ts)'],
  ...[
    ...['log', 'log2', 'log10', 'log1p', 'exp', 'expm1', 'pow', 'cbrt', 'hypot'],
    ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'sinh', 'cosh', 'tanh'],
    ...['asinh', 'acosh', 'atanh'],
  ].map((name): [string, string] => [`Math.${name}`, INEXACT]),
]);

/** Whether the file belongs to the deterministic core. */
export function isCore(path: string): boolean {
  if (!isCode(path) || isTest(path) || /^cluster\/(real|wire)\//.test(path)) return false;
  return /^(cluster|nemesis|checker|cases)\//.test(path);
}

/** The platform's clocks, timers, randomness, locale and inexact mathematics. */
export const platformBan: Rule = {
  title: 'the core uses no clock, timer, randomness, locale or inexact function of the platform',
  applies: isCore,
  check(source) {
    const own = declaredNames(source);
    const found: Offence[] = [];
    const ban = (node: ts.Node, name: string, instead: string): void => {
      found.push(offenceAt(source, node, `${name} is banned in the core; instead: ${instead}`));
    };
    for (const node of nodes(source)) {
      if (ts.isIdentifier(node) && isReference(node) && !own.has(node.text)) {
        const instead = GLOBALS.get(node.text);
        if (instead !== undefined) ban(node, node.text, instead);
      } else if (ts.isPropertyAccessExpression(node)) {
        const member = `${node.expression.getText()}.${node.name.text}`;
        const name = MEMBERS.has(member) ? member : node.name.text;
        const instead = MEMBERS.get(name);
        if (instead !== undefined) ban(node, name, instead);
      }
    }
    return found;
  },
};

/** Constructs whose order or rounding is not spelt out. */
export const orderBan: Rule = {
  title: 'the core spells out every order and rounds nothing by chance',
  applies: isCore,
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      const message = unclear(node);
      if (message !== undefined) found.push(offenceAt(source, node, message));
    }
    return found;
  },
};

/**
 * Below the cluster's surface, whatever waits is a generator: promises are settled by the platform.
 */
export const promiseBan: Rule = {
  title: 'no promise is made inside a chapter of the cluster, a nemesis or a checker',
  applies: (path) => isCore(path) && /^(cluster\/[^/]+|nemesis|checker)\//.test(path),
  check(source) {
    const found: Offence[] = [];
    for (const node of nodes(source)) {
      const named = ts.isIdentifier(node) && node.text === 'Promise';
      const awaits = ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword;
      if (!named && !awaits) continue;
      found.push(offenceAt(source, node, 'promises are banned here; instead: a generator task'));
    }
    return found;
  },
};

function unclear(node: ts.Node): string | undefined {
  if (ts.isForInStatement(node))
    return 'for … in is banned in the core; instead: a Map and for … of';
  if (ts.isBinaryExpression(node)) {
    const power = node.operatorToken.kind;
    const raises =
      power === ts.SyntaxKind.AsteriskAsteriskToken ||
      power === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
    if (!raises || isExactBase(node.left)) return undefined;
    return `** is banned in the core but for 2 and bigint literals; instead: ${INEXACT}`;
  }
  if (!ts.isCallExpression(node) || node.arguments.length > 0) return undefined;
  const { expression } = node;
  const sorts =
    ts.isPropertyAccessExpression(expression) && /^(sort|toSorted)$/.test(expression.name.text);
  return sorts ? `${expression.name.text}() needs an explicit comparator in the core` : undefined;
}

/** Powers of two are exact, and so is the arithmetic of bigint. */
function isExactBase(base: ts.Expression): boolean {
  return ts.isBigIntLiteral(base) || (ts.isNumericLiteral(base) && base.text === '2');
}

/** A name that the file declares somewhere is its own, not the platform's. */
function declaredNames(source: Source): Set<string> {
  const names = new Set<string>();
  for (const node of nodes(source)) {
    if (!('name' in node) || !isDeclaration(node)) continue;
    const name = node.name as ts.Node | undefined;
    if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
  }
  return names;
}

function isDeclaration(node: ts.Node): boolean {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportSpecifier(node)
  );
}

/** Whether the identifier stands for a value or type, rather than naming a member. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  return !('name' in parent && parent.name === node);
}
