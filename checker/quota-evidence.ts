/**
 * What is known of the memory of a run's statements: told by the TiDB nodes as it happened, and
 * plain data here. Times are virtual µs; bytes are those that trackers counted.
 */
export interface QuotaEvidence {
  /** Version of the TiDB nodes, e.g. `v8.5.0`. */
  readonly version: string;
  /** Statements that held memory and ended, whatever became of them. */
  readonly measured: number;
  /** In order of time. */
  readonly actions: readonly QuotaAction[];
  readonly panics: readonly QuotaPanicked[];
  /** Those that exceeded their quota, were acted for or picked, or that left something. */
  readonly statements: readonly QuotaStatement[];
  readonly leaks: readonly QuotaLeak[];
  readonly picks: readonly QuotaPick[];
  readonly neglects: readonly QuotaNeglect[];
}

/** Names a statement: a connection runs one at a time. */
interface StatementName {
  readonly node: string;
  readonly connection: number;
  readonly beganUs: number;
}

/** Something was done about a quota: `rate-limit`, `delegate`, `spill`, `cancel`, … */
export interface QuotaAction extends StatementName {
  readonly atUs: number;
  readonly action: string;
  readonly consumed: number;
  readonly quota: number;
  /** Tokens that a rate limit had left, before this one was destroyed. */
  readonly tokensLeft: number | undefined;
  /** The server's limit asked for it, not the quota. */
  readonly forServer: boolean;
  /** Of a cancel: what could still have been done, and what that would have given back. */
  readonly untried: readonly { readonly action: string; readonly bytes: number | undefined }[];
  /** Of a cancel: what was held before the charge that exceeded the quota, and that charge. */
  readonly crossedFrom: number | undefined;
  readonly crossedBy: number | undefined;
}

/** A worker ended by a panic; the message is that of its log line. */
export interface QuotaPanicked extends StatementName {
  readonly atUs: number;
  readonly message: string;
}

/** A statement that has ended. */
export interface QuotaStatement extends StatementName {
  readonly endedUs: number;
  readonly sql: string;
  readonly maxConsumed: number;
  /** 0 or less is none. */
  readonly quota: number;
  /** Of the error packet that it ended with; undefined if there was none. */
  readonly errorCode: number | undefined;
  readonly errorText: string | undefined;
  /** The server's limit has picked it. */
  readonly picked: boolean;
  readonly inTransaction: { readonly before: boolean; readonly after: boolean };
  /** What could not be stopped any more when the quota was exceeded. */
  readonly inFlight: {
    readonly answers: number;
    readonly largestAnswer: number;
    readonly operators: number;
    readonly largestCharge: number;
  };
  /** Writes to its files after one of them had come to the node's quota for such files. */
  readonly lateWrites: number;
  readonly left: { readonly requests: number; readonly files: number };
}

/** The server's limit picked a statement to be ended. */
export interface QuotaPick extends StatementName {
  readonly atUs: number;
  /** What the node held, what it may hold, and what a session must hold to be picked. */
  readonly heap: number;
  readonly limit: number;
  readonly least: number;
  /** What the session held, and most that it has held since it was the largest. */
  readonly consumed: number;
  readonly peak: number;
  /** It is one of those that the limit spares. */
  readonly exempt: boolean;
  /** Most that another held which has grown since then and could have been picked; or 0. */
  readonly rival: number;
}

/** A node held more than its limit, sessions grew, and nobody was being ended for it. */
export interface QuotaNeglect {
  readonly node: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly limit: number;
  readonly heap: number;
}

/** Bytes that were still charged when a statement had ended. */
export interface QuotaLeak {
  readonly node: string;
  readonly connection: number;
  readonly sql: string;
  readonly memory: number;
  readonly disk: number;
}

/** A statement, and what was done about its memory, in order. */
export interface Episode {
  readonly statement: QuotaStatement;
  readonly actions: readonly QuotaAction[];
}

/**
 * Statements with their actions. Those that never ended, because their node was killed, are left
 * out: how they would have ended nobody knows.
 */
export function episodesOf({ actions, statements }: QuotaEvidence): Episode[] {
  const byStatement = new Map<string, QuotaAction[]>();
  for (const action of actions) {
    const name = nameOf(action);
    const known = byStatement.get(name);
    if (known === undefined) byStatement.set(name, [action]);
    else known.push(action);
  }
  return statements.map((statement) => ({
    statement,
    actions: byStatement.get(nameOf(statement)) ?? [],
  }));
}

/** The first cancel that the statement's own quota asked for. */
export function cancelOf({ actions }: Episode): QuotaAction | undefined {
  return actions.find(({ action, forServer }) => action === 'cancel' && !forServer);
}

/** Whether a version such as `v6.5.0` has what came with another. */
export function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [own = 0, ownMinor = 0] = (/\d+\.\d+/.exec(version)?.[0] ?? '').split('.').map(Number);
  return own > major || (own === major && ownMinor >= minor);
}

/** The statement that is named, if it has ended. */
export function endedOf({
  statements,
}: QuotaEvidence): (name: StatementName) => QuotaStatement | undefined {
  const byName = new Map(statements.map((statement) => [nameOf(statement), statement]));
  return (name) => byName.get(nameOf(name));
}

/**
 * Bytes that may come after the moment in which a statement should stop: answers that stores were
 * asked for, each as large as the largest that came, and one charge that each operator is in.
 */
export function unstoppable({ inFlight }: QuotaStatement): number {
  const { answers, largestAnswer, operators, largestCharge } = inFlight;
  return answers * largestAnswer + operators * largestCharge;
}

/** `tidb-0, connection 103`: how a finding begins. */
export function whose({ node, connection }: Pick<StatementName, 'node' | 'connection'>): string {
  return `${node}, connection ${connection}`;
}

/** The text of a statement on one line, cut. */
export function shortSql(sql: string): string {
  const line = sql.trim().replace(/\s+/g, ' ');
  return line.length <= SQL_SHOWN ? line : `${line.slice(0, SQL_SHOWN)}…`;
}

/** `35.2 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

const SQL_SHOWN = 60;

function nameOf({ node, connection, beganUs }: StatementName): string {
  return `${node}/${connection}/${beganUs}`;
}
