import { SqlError } from '../../../errors.ts';
import { CteFullScan, CteTable, RecursiveCte } from '../../executor/cte.ts';
import type { Plan } from '../../executor/plan.ts';
import type {
  CommonTableExpression,
  Query,
  SetOperation,
  TableReference,
  TableSource,
} from '../ast.ts';
import type { SqlType } from '../catalog-type.ts';
import { distinctOf } from './estimate.ts';
import { renamed } from './from.ts';
import { windowFor } from './order-by.ts';
import type { CommonTable, PlanEnvironment, PlannedQuery } from './scope.ts';
import { cast } from './set-operation.ts';
import { aggregatesIn, walk, windowsIn } from './walk.ts';

/** Parts of a recursive definition. */
interface Parts {
  readonly seed: Query;
  readonly recursive: Query;
  readonly distinct: boolean;
}

/**
 * A common table expression that mentions itself. It is planned when it is first mentioned; all
 * references read the same rows. Source: TiDB `PlanBuilder.buildRecursiveCTE`.
 */
export class RecursiveTable implements CommonTable {
  private readonly definition: CommonTableExpression;
  private readonly env: PlanEnvironment;
  private planned: { readonly cte: RecursiveCte; readonly given: PlannedQuery } | undefined =
    undefined;

  constructor(definition: CommonTableExpression, env: PlanEnvironment) {
    this.definition = definition;
    this.env = env;
  }

  reference(object: string): PlannedQuery {
    this.planned ??= this.plan();
    const { cte, given } = this.planned;
    return this.columnsOf(new CteFullScan(cte, `CTE:${object}`), given.names);
  }

  /** Throws 1222, 1235, 1353, 3573 to 3577. */
  private plan(): NonNullable<RecursiveTable['planned']> {
    const { env } = this;
    const { name, columns, query } = this.definition;
    const { seed, recursive, distinct } = partsOf(this.definition);
    const given = renamed(env.planQuery(seed, env), columns);
    const cte = new RecursiveCte(env.state.commonTables.length, given.plan, distinct);
    env.state.commonTables.push(cte);
    const itself = {
      reference: () => this.columnsOf(new CteTable(cte), given.names),
    };
    const tables = new Map(env.tables).set(name.toLowerCase(), itself);
    const { plan } = env.planQuery(recursive, { ...env, tables });
    const { limit } = query;
    const window = limit === undefined ? undefined : windowFor(limit, env);
    cte.complete({ plan: sameColumns(plan, given.plan.types), window });
    return { cte, given };
  }

  private columnsOf(plan: Plan, names: readonly string[]): PlannedQuery {
    const columns = names.map(() => ({
      label: this.env.texts?.newColumn() ?? '',
      distinct: distinctOf(plan.estimate),
    }));
    return { plan, names, columns };
  }
}

function sameColumns(plan: Plan, types: readonly SqlType[]): Plan {
  if (plan.types.length === types.length) return cast(plan, types);
  throw new SqlError(1222, 'The used SELECT statements have a different number of columns');
}

/** How often a query mentions a table that has no schema before its name. */
export function mentions(query: Query | TableReference, name: string): number {
  let count = 0;
  walk(query, (node) => {
    if (node.kind === 'table' && isNamed(node as TableSource, name)) count++;
    return true;
  });
  return count;
}

function isNamed({ table }: TableSource, name: string): boolean {
  return table?.schema === undefined && table?.name.toLowerCase() === name.toLowerCase();
}

/** Splits a definition before the first part that mentions the table. Throws 1235, 3573, 3574. */
function partsOf({ name, query }: CommonTableExpression): Parts {
  if (query.kind !== 'set-operation') throw definitionError(3573, name, 'should contain a UNION');
  if (query.orderBy.length > 0) {
    throw unsupported('ORDER BY over UNION in recursive Common Table Expression');
  }
  const operations = chainOf({ ...query, limit: undefined });
  const first = operations.findIndex(({ left }) => mentions(left, name) === 0);
  const split = operations[first];
  const allLater = operations.slice(0, first + 1).every(({ right }) => mentions(right, name) > 0);
  if (split === undefined || !allLater) {
    throw definitionError(
      3574,
      name,
      'should have one or more non-recursive query blocks followed by one or more recursive ones',
    );
  }
  for (const { right } of operations.slice(0, first + 1)) checkRecursive(right, name);
  if (split.operator !== 'UNION') {
    throw unsupported(
      `${split.operator} between seed part and recursive part, hint: The operator between seed part and recursive part must bu UNION[DISTINCT] or UNION ALL`,
    );
  }
  let recursive = split.right;
  for (const operation of operations.slice(0, first).reverse()) {
    recursive = { ...operation, left: recursive };
  }
  return { seed: split.left, recursive, distinct: !split.all };
}

/** The operations of `a UNION b UNION c`, the last one, which is the outermost, first. */
function chainOf(query: SetOperation): SetOperation[] {
  const { left } = query;
  const plain =
    left.kind === 'set-operation' && left.orderBy.length === 0 && left.limit === undefined;
  return plain ? [query, ...chainOf(left)] : [query];
}

/** Throws 1235, 3575, 3576, 3577 for what a recursive part may not hold. */
function checkRecursive(part: Query, name: string): void {
  const mentioned = mentions(part, name);
  if (part.kind !== 'select' || part.from === undefined) {
    throw singleReference(name);
  }
  const { distinct, orderBy, limit, groupBy, items } = part;
  if (distinct || orderBy.length > 0 || limit !== undefined) {
    throw unsupported(
      'ORDER BY / LIMIT / SELECT DISTINCT in recursive query block of Common Table Expression',
    );
  }
  if (groupBy.length > 0 || aggregatesIn(items).length > 0 || windowsIn(items).length > 0) {
    throw definitionError(
      3575,
      name,
      'can contain neither aggregation nor window functions in recursive query block',
    );
  }
  if (mentioned > 1 || directly(part.from, name) !== mentioned) throw singleReference(name);
  if (isOptional(part.from, name)) {
    throw new SqlError(
      3576,
      `In recursive query block of Recursive Common Table Expression '${name}', the recursive table must neither be in the right argument of a LEFT JOIN, nor be forced to be non-first with join order hints`,
    );
  }
}

/** How often FROM mentions it, derived tables and subqueries aside. */
function directly(from: TableReference, name: string): number {
  switch (from.kind) {
    case 'table':
      return isNamed(from, name) ? 1 : 0;
    case 'derived':
      return 0;
    case 'join':
      return directly(from.left, name) + directly(from.right, name);
  }
}

/** Whether it stands on the side of an outer join that may be missing. */
function isOptional(from: TableReference, name: string): boolean {
  if (from.kind !== 'join') return false;
  const { type, left, right } = from;
  if (type === 'left' && directly(right, name) > 0) return true;
  if (type === 'right' && directly(left, name) > 0) return true;
  return isOptional(left, name) || isOptional(right, name);
}

function definitionError(code: number, name: string, what: string): SqlError {
  return new SqlError(code, `Recursive Common Table Expression '${name}' ${what}`);
}

function singleReference(name: string): SqlError {
  return new SqlError(
    3577,
    `In recursive query block of Recursive Common Table Expression '${name}', the recursive table must be referenced only once, and not in any subquery`,
  );
}

function unsupported(what: string): SqlError {
  return new SqlError(1235, `This version of TiDB doesn't yet support '${what}'`);
}
