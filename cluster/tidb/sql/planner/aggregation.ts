import { type Aggregate, finalAggregate, partialTypes } from '../../executor/aggregate.ts';
import type { Compiled } from '../../executor/context.ts';
import { columnAt } from '../../executor/expression-constant.ts';
import { HashAgg } from '../../executor/hash-agg.ts';
import type { Plan } from '../../executor/plan.ts';
import { Projection } from '../../executor/projection.ts';
import { Sort } from '../../executor/sort.ts';
import { StreamAgg } from '../../executor/stream-agg.ts';
import type { AggregateCall, Expression } from '../ast.ts';
import { decimalType } from '../catalog-type.ts';
import { groupEstimate } from './estimate.ts';
import { ascending } from './join-algorithm.ts';
import { isPure } from './pure.ts';
import type { ScopeResolver } from './scope.ts';
import type { TableLeaf } from './table-leaf.ts';
import { castText } from './texts.ts';

/** A GROUP BY to be planned: expressions as they were written, and compiled over the input. */
export interface Aggregation {
  readonly keys: readonly Expression[];
  readonly compiledKeys: readonly Compiled[];
  /** Which keys are wanted above. */
  readonly kept: readonly boolean[];
  readonly calls: readonly AggregateCall[];
  readonly aggregates: readonly Aggregate[];
  /** Different values of each key. */
  readonly distinct: readonly number[];
  /** Set where the input is one table: then its stores may help. */
  readonly leaf: TableLeaf | undefined;
  /** The input is in order of the keys. */
  readonly order?: true | undefined;
}

/** An aggregation: the keys that are kept first, then the aggregates. */
export interface PlannedAggregation {
  readonly plan: Plan;
  /** What EXPLAIN calls its columns. */
  readonly labels: readonly string[];
}

/** Where an aggregation's input comes from. */
type Input = ScopeResolver & { readonly plan: Plan };

/**
 * Picks where and how to aggregate: in the stores first, wherever they can; in order of the keys
 * where the order is there for nothing or a hint wants it, by hashing otherwise.
 */
export function aggregation(wish: Aggregation, input: Input): PlannedAggregation {
  return new AggregationPlanner(wish, input).plan();
}

/** The rows to be aggregated, with every argument in a column. */
interface ProjectedInput {
  readonly plan: Plan;
  readonly keys: readonly Compiled[];
  readonly aggregates: readonly Aggregate[];
  /** The arguments as EXPLAIN shows them. */
  readonly args: readonly string[];
}

class AggregationPlanner {
  private readonly wish: Aggregation;
  private readonly input: Input;
  private readonly rows: number;
  /** What EXPLAIN calls the aggregates' results. */
  private readonly results: readonly string[];

  constructor(wish: Aggregation, input: Input) {
    this.wish = wish;
    this.input = input;
    this.rows = groupEstimate(input.plan.estimate, wish.distinct);
    const { texts } = input.env;
    this.results = wish.calls.map(() => texts?.newColumn() ?? '');
  }

  plan(): PlannedAggregation {
    const keys = this.wish.keys.filter((_, i) => this.wish.kept[i]);
    const labels = [...keys.map((key) => this.text(key)), ...this.results];
    return { plan: (this.inStores() ?? this.atRoot()).expecting(this.rows), labels };
  }

  /** Partial results from the stores, merged here; undefined where they cannot be had. */
  private inStores(): Plan | undefined {
    const { wish } = this;
    const partial = wish.aggregates.every(
      ({ distinct, name }) => !distinct && name !== 'GROUP_CONCAT',
    );
    const pure = [...wish.keys, ...wish.calls.flatMap(({ args }) => args)].every(isPure);
    if (wish.leaf === undefined || !partial || !pure) return undefined;
    const partials = wish.calls.map(() => this.input.env.texts?.newColumn() ?? '');
    const info = this.info(
      wish.calls.map((call, i) => `funcs:${this.callText(call)}->${partials[i]}`),
      true,
    );
    const { aggregation: hint } = this.input.env.hints;
    const texts = { info, estimate: this.rows };
    const pushed = wish.leaf.aggregated(wish.compiledKeys, wish.aggregates, hint, texts);
    if (pushed === undefined) return undefined;
    const merged = this.merged(partials);
    if (pushed.ordered || wish.keys.length === 0) {
      const spec = { ...this.mergingSpec(), merges: true };
      return new StreamAgg(pushed.plan, spec, merged, wish.kept);
    }
    if (hint === 'STREAM_AGG') {
      const spec = this.mergingSpec();
      const sorted = new Sort(pushed.plan, spec.keys.map(ascending), this.keyTexts().join(', '));
      return new StreamAgg(sorted, { ...spec, merges: true }, merged, wish.kept);
    }
    const { keys, aggregates } = this.mergingSpec();
    const settings = { mode: 'final', kept: wish.kept } as const;
    return new HashAgg(pushed.plan, keys, aggregates, merged, settings);
  }

  private mergingSpec(): { readonly keys: Compiled[]; readonly aggregates: Aggregate[] } {
    const { compiledKeys, aggregates } = this.wish;
    let column = compiledKeys.length;
    const merging = aggregates.map((each) => {
      const merged = finalAggregate(each, column);
      column += partialTypes(each).length;
      return merged;
    });
    return { keys: compiledKeys.map(({ type }, i) => columnAt(i, type)), aggregates: merging };
  }

  private atRoot(): Plan {
    const { wish, input } = this;
    const { aggregation: hint } = input.env.hints;
    const { plan, keys, aggregates, args } = this.projected();
    const info = this.info(this.functions(args));
    const spec = { keys, aggregates, merges: false };
    if (keys.length === 0 || wish.order === true) {
      return new StreamAgg(plan, spec, info, wish.kept);
    }
    if (hint === 'STREAM_AGG') {
      const sorted = new Sort(plan, keys.map(ascending), this.keyTexts().join(', '));
      return new StreamAgg(sorted, spec, info, wish.kept);
    }
    return new HashAgg(plan, keys, aggregates, info, { kept: wish.kept });
  }

  /**
   * Where an argument is no column, TiDB computes it in a projection of its own below; SUM and AVG
   * of integers count as such, because TiDB casts them to decimals first. Here that cast is left to
   * the aggregate, which adds integers without it. Source: TiDB `InjectProjBelowAgg`.
   */
  private projected(): ProjectedInput {
    const { compiledKeys: keys, aggregates, calls } = this.wish;
    const { plan, env } = this.input;
    const texts = calls.map((call) => this.argument(call));
    if (aggregates.every(isReady)) return { plan, keys, aggregates, args: texts };
    const items: Compiled[] = [...keys];
    const shown = this.keyTexts();
    const args = texts.map((text, i) => {
      if (isReady(aggregates[i] as Aggregate)) return text;
      return env.texts?.newColumn() ?? '';
    });
    const reading = aggregates.map((each, i): Aggregate => {
      const columns = each.args.map((arg) => {
        if (arg.constant) return arg;
        items.push(arg);
        return columnAt(items.length - 1, arg.type);
      });
      if (each.args.some(({ constant }) => !constant)) {
        shown.push(args[i] === texts[i] ? (texts[i] as string) : `${texts[i]}->${args[i]}`);
      }
      return { ...each, args: columns };
    });
    return {
      plan: new Projection(plan, items, shown.join(', ')),
      keys: keys.map(({ type }, i) => columnAt(i, type)),
      aggregates: reading,
      args,
    };
  }

  private functions(args: readonly string[]): string[] {
    return this.wish.calls.map(({ name, distinct }, i) => {
      const arg = `${distinct ? 'distinct ' : ''}${args[i]}`;
      return `funcs:${name.toLowerCase()}(${arg})->${this.results[i]}`;
    });
  }

  private merged(partials: readonly string[]): string {
    return this.info(
      this.wish.calls.map(
        ({ name }, i) => `funcs:${name.toLowerCase()}(${partials[i]})->${this.results[i]}`,
      ),
    );
  }

  /** `group by:…, funcs:…`; FIRST_ROW of keys last. */
  private info(functions: readonly string[], inStores = false): string {
    if (this.input.env.texts === undefined) return '';
    const keys = this.keyTexts();
    const by = keys.length === 0 ? [] : [`group by:${keys.join(', ')}`];
    const firsts = keys
      .filter((_, i) => !inStores && this.wish.kept[i] === true)
      .map((key) => `funcs:firstrow(${key})->${key}`);
    return [...by, ...functions, ...firsts].join(', ');
  }

  private keyTexts(): string[] {
    return this.wish.keys.map((key) => this.text(key));
  }

  private argument(call: AggregateCall): string {
    const [arg] = call.args;
    if (arg === undefined) return '1';
    const text = call.args.map((each) => this.text(each)).join(', ');
    const at = this.wish.calls.indexOf(call);
    const type = this.wish.aggregates[at]?.args[0]?.type;
    const casts = (call.name === 'SUM' || call.name === 'AVG') && type?.kind === 'int';
    return casts && type !== undefined ? castText(text, decimalType(type.length, 0)) : text;
  }

  private callText(call: AggregateCall): string {
    const { texts } = this.input.env;
    return texts?.aggregate(call, (each) => this.input.label(each)) ?? '';
  }

  private text(expression: Expression): string {
    return this.input.env.texts?.expression(expression, (each) => this.input.label(each)) ?? '';
  }
}

/** Whether an aggregate reads its argument as it lies in the input. */
function isReady({ name, args }: Aggregate): boolean {
  const [arg] = args;
  if (arg === undefined || arg.constant) return true;
  const casts = (name === 'SUM' || name === 'AVG') && arg.type.kind === 'int';
  return arg.column !== undefined && !casts;
}
