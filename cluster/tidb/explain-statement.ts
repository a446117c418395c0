import { SqlError } from '../errors.ts';
import type { QueryResult } from '../session.ts';
import type { Wait } from '../sim/index.ts';
import {
  EXPLAIN_FORMATS,
  type ExplainColumn,
  type ExplainFormat,
  type ExplainLine,
  explainLines,
} from './executor/explain-tree.ts';
import type { ExplainNode } from './executor/plan.ts';
import { RuntimeStats } from './executor/runtime-stats.ts';
import { formatBytes } from './memory/format-bytes.ts';
import { isPlannable } from './prepared-texts.ts';
import { okResult } from './run-statement.ts';
import type { BoundStatement, SqlSession } from './session.ts';
import { showRows } from './show.ts';
import type { Explain } from './sql/index.ts';
import type { Planned } from './sql/planner/index.ts';
import { ExplainTexts } from './sql/planner/texts.ts';

type Column = ExplainColumn | 'actRows' | 'execution info' | 'memory' | 'disk';

/** EXPLAIN and EXPLAIN ANALYZE. Throws 1105 for a format that TiDB has not, 1235. */
export function* explainStatement(
  session: SqlSession,
  explain: Explain,
  bound: BoundStatement,
): Wait<QueryResult> {
  const { analyze, statement } = explain;
  if (statement.kind === 'show') return showRows(session, statement);
  if (!isPlannable(statement)) {
    throw new SqlError(
      1235,
      `This version of TiDB doesn't yet support 'EXPLAIN ${statement.kind}'`,
    );
  }
  const format = formatOf(explain);
  const texts = new ExplainTexts(bound.literals, bound.params);
  const planned = session.node.planAnew(statement, session, bound.params, texts);
  if (!analyze) {
    session.warnings.push(...planned.warnings);
    return answer(columnsOf(format, false), explainLines(rootsOf(planned), format));
  }
  const runtime = new RuntimeStats();
  yield* session.runExplained(planned, { ...bound, statement }, runtime);
  const lines = explainLines(rootsOf(planned), format);
  return answer(
    columnsOf(format, true),
    lines.map((line) => ({ ...line, cells: measuredCells(session, runtime, line) })),
  );
}

function formatOf({ format }: Explain): ExplainFormat {
  const found = EXPLAIN_FORMATS.find((each) => each === format);
  if (found !== undefined) return found;
  if (format === 'traditional') return 'row';
  throw new SqlError(1105, `explain format '${format}' is not supported now`);
}

function rootsOf({ body, commonTables }: Planned): ExplainNode[] {
  const root = (body.kind === 'query' ? body.plan : body.change).explain();
  return [root, ...commonTables.map((each) => each.explain())];
}

function columnsOf(format: ExplainFormat, analyzed: boolean): Column[] {
  return [
    'id',
    'estRows',
    ...(format === 'verbose' ? (['estCost'] as const) : []),
    ...(analyzed ? (['actRows'] as const) : []),
    'task',
    'access object',
    ...(analyzed ? (['execution info'] as const) : []),
    'operator info',
    ...(analyzed ? (['memory', 'disk'] as const) : []),
  ];
}

function answer(
  columns: readonly Column[],
  lines: readonly { readonly cells: ReadonlyMap<Column, string> }[],
): QueryResult {
  const rows = lines.map(({ cells }) => columns.map((column) => cells.get(column) ?? ''));
  return { ...okResult(), columns, rows };
}

function measuredCells(
  session: SqlSession,
  runtime: RuntimeStats,
  { node, cells }: ExplainLine,
): ReadonlyMap<Column, string> {
  const stats = node.task === 'root' ? runtime.find(node.id) : runtime.findStores(node.id);
  const { memory, disk } =
    node.task === 'root' ? session.memory.statement.maxConsumed(node.id) : {};
  return new Map<Column, string>([
    ...cells,
    ['actRows', String(stats?.rows ?? 0)],
    ['execution info', stats === undefined ? '' : String(stats)],
    ['memory', memory === undefined ? 'N/A' : formatBytes(memory)],
    ['disk', disk === undefined ? 'N/A' : formatBytes(disk)],
  ]);
}
