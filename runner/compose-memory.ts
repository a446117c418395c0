import { type MemoryUsage, SERVER_KILL } from '../cluster/memory-record.ts';
import { TRACKER_NAMES } from '../cluster/tidb/memory/labels.ts';
import {
  LEVEL_US,
  type StatementEvent,
  type TrackerSnapshot,
} from '../cluster/tidb/memory/observer.ts';
import { SECOND_US } from './duration.ts';
import type { LogStore } from './log-files.ts';
import type { MemoryAct, MemoryReport, TrackedBytes, WorstStatement } from './report.ts';

/** Actions shown at most: of the worst statement, and of the whole run. */
const ACTIONS = 2_000;
/** Log lines shown before the first action and after the end of the worst statement; virtual µs. */
const LOG_AROUND_US = SECOND_US / 5;
/** Log lines shown at most, and those read to pick them from. */
const LOG_LINES = 60;
const LOG_READ = 2_000;

/** What a reader of the report sees of memory; undefined if no statement had any to account for. */
export function composeMemory(usage: MemoryUsage, logs: LogStore): MemoryReport | undefined {
  const { worst, quota } = usage;
  const actions = [...usage.actions, ...killsOf(usage)].sort((a, b) => a.atUs - b.atUs);
  if (usage.measured === 0 || quota === 0) return undefined;
  return {
    quota,
    levelUs: LEVEL_US,
    levels: usage.levels,
    actions: thin(actions).map(({ atUs, node, action, consumed }) => ({
      ...{ atUs, node, action, consumed },
    })),
    actionsMeasured: actions.length,
    ...(worst === undefined ? {} : { worst: worstOf(worst, usage, logs) }),
  };
}

/** Whom the limits of servers had ended: in the report an action like any other. */
function killsOf({ picks }: MemoryUsage): MemoryAct[] {
  return picks.map(({ atUs, node, consumed }) => ({ atUs, node, consumed, action: SERVER_KILL }));
}

/** Every n-th: which one of many equal actions is left out matters to nobody. */
function thin<T>(all: readonly T[]): readonly T[] {
  const step = Math.ceil(all.length / ACTIONS);
  return step <= 1 ? all : all.filter((_, i) => i % step === 0);
}

function worstOf(event: StatementEvent, { actions }: MemoryUsage, logs: LogStore): WorstStatement {
  const { node, connection, beganUs, endedUs, operators, peak, ...rest } = event;
  const own = actions.filter(
    (one) => one.node === node && one.connection === connection && one.beganUs === beganUs,
  );
  const { sql, maxConsumed, maxDisk, quota, errorCode, errorText } = rest;
  const first = own[0];
  return {
    ...{ node, connection, beganUs, endedUs, sql, maxConsumed, maxDisk, quota },
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(errorText === undefined ? {} : { errorText }),
    actions: thin(own).map(({ atUs, action, consumed, tokensLeft }) => ({
      ...{ atUs, action, consumed },
      ...(tokensLeft === undefined ? {} : { tokensLeft }),
    })),
    ...(peak === undefined ? {} : { peak: named(peak, new Map(operators)) }),
    logs: first === undefined ? [] : logsOf(node, first.atUs, endedUs, logs),
  };
}

function logsOf(
  node: string,
  fromUs: number,
  untilUs: number,
  logs: LogStore,
): WorstStatement['logs'] {
  const from = Math.max(0, fromUs - LOG_AROUND_US);
  const found = logs.window(from, untilUs + LOG_AROUND_US, LOG_READ);
  return found.logs.filter((line) => line.node === node).slice(-LOG_LINES);
}

/** The tree with names for labels, the largest first; without those that hold nothing. */
function named(snapshot: TrackerSnapshot, operators: ReadonlyMap<number, string>): TrackedBytes {
  const { label, consumed, children } = snapshot;
  const name = operators.get(label) ?? TRACKER_NAMES[label] ?? `operator ${label}`;
  const below = children.filter((child) => child.consumed > 0);
  return {
    name,
    consumed,
    children: below.map((child) => named(child, operators)).sort((a, b) => b.consumed - a.consumed),
  };
}
