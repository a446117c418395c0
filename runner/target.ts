import type { Scalar } from './scalar.ts';

/** `mysql://user[:password]@host[:port][/database]`. */
const DSN = /^mysql:\/\/[^:@/\s]+(:[^@/\s]*)?@[\w.-]+(:\d{1,5})?(\/\w*)?$/;
/** `processes:<file>`. */
const PROCESSES = /^processes:.+$/;

/** What a run is aimed at: the simulation, a running cluster, or processes started here. */
export const TARGET: Scalar<string> = {
  expected: 'sim, mysql://user[:password]@host:port/database or processes:<file>',
  parse: (text) => (text === 'sim' || DSN.test(text) || PROCESSES.test(text) ? text : undefined),
};
