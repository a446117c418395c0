import type { ExplainNode } from './plan.ts';

/** How EXPLAIN prints: with numbers, without them, or with what a plan is weighed by as well. */
export const EXPLAIN_FORMATS = ['row', 'brief', 'verbose'] as const;

/** One of them. */
export type ExplainFormat = (typeof EXPLAIN_FORMATS)[number];

/** A line of EXPLAIN: an operator, and its cells by column. */
export interface ExplainLine {
  readonly node: ExplainNode;
  readonly cells: ReadonlyMap<ExplainColumn, string>;
}

/** The columns that a plan alone fills. */
export type ExplainColumn =
  | 'id'
  | 'estRows'
  | 'estCost'
  | 'task'
  | 'access object'
  | 'operator info';

/**
 * The lines of plans one below the other, each drawn as a tree, what comes first above. Source:
 * TiDB `explainPlanInRowFormat`.
 */
export function explainLines(roots: readonly ExplainNode[], format: ExplainFormat): ExplainLine[] {
  const lines: ExplainLine[] = [];
  const visit = (node: ExplainNode, first: string, rest: string): void => {
    lines.push({ node, cells: cellsOf(node, first, format) });
    for (const [i, child] of node.children.entries()) {
      const last = i === node.children.length - 1;
      visit(child, `${rest}${last ? '└─' : '├─'}`, `${rest}${last ? '  ' : '│ '}`);
    }
  };
  for (const root of roots) visit(root, '', '');
  return lines;
}

function cellsOf(
  node: ExplainNode,
  branch: string,
  format: ExplainFormat,
): ReadonlyMap<ExplainColumn, string> {
  const { id, name, numbered, role, rows, task, access, info } = node;
  const number = format === 'brief' || numbered === false ? '' : `_${id}`;
  const suffix = role === undefined ? '' : `(${role})`;
  return new Map<ExplainColumn, string>([
    ['id', `${branch}${name}${number}${suffix}`],
    ['estRows', rows === undefined ? 'N/A' : rows.toFixed(2)],
    ['estCost', rows === undefined ? 'N/A' : weight(node).toFixed(2)],
    ['task', task],
    ['access object', access],
    ['operator info', format === 'brief' ? unnumbered(info) : info],
  ]);
}

/** `data:TableFullScan_4`: what a reader's stores run, which `brief` prints without its number. */
const READER_INFO = /^((?:data|index):(?!CTE_)\w+)_\d+$/;

/** `data sources:[TableReader_4]`, the same of a Shuffle. */
const SHUFFLE_INFO = /(data sources:\[\w+)_\d+\]$/;

function unnumbered(info: string): string {
  return info.replace(READER_INFO, '$1').replace(SHUFFLE_INFO, '$1]');
}

/** Rows of an operator and all below it: by this the planner weighs orders of joins. */
function weight({ rows = 0, children }: ExplainNode): number {
  return children.reduce((sum, child) => sum + weight(child), rows);
}
