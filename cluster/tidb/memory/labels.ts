/**
 * What a tracker stands for, where it is not an operator of the plan: those carry the operator's
 * number. Source: TiDB `util/memory/tracker.go`.
 */

/** The statement as a whole. */
export const LABEL_STATEMENT = -1;
/** Rows spilled to a file. */
export const LABEL_LIST_IN_DISK = -9;
/** Rows of a container that may spill. */
export const LABEL_ROW_CONTAINER = -10;
/** All temporary files of a node. */
export const LABEL_GLOBAL_STORAGE = -11;
/** All memory of a node. */
export const LABEL_GLOBAL_MEMORY = -12;
/** Build side of a hash join. */
export const LABEL_BUILD_SIDE = -13;
/** Rows that a sort holds. */
export const LABEL_SORTED_ROWS = -14;
/** Rows of a recursive common table expression. */
export const LABEL_CTE = -19;
/** A session and all that it runs; from v6.4. */
export const LABEL_SESSION = -27;
/** What a transaction has buffered. */
export const LABEL_MEM_BUFFER = -28;

/** What each of these is called where people read it. */
export const TRACKER_NAMES: Readonly<Record<number, string>> = {
  [LABEL_STATEMENT]: 'statement',
  [LABEL_LIST_IN_DISK]: 'file of spilled rows',
  [LABEL_ROW_CONTAINER]: 'rows that may spill',
  [LABEL_GLOBAL_STORAGE]: 'temporary files',
  [LABEL_GLOBAL_MEMORY]: 'node',
  [LABEL_BUILD_SIDE]: 'build side',
  [LABEL_SORTED_ROWS]: 'rows to sort',
  [LABEL_CTE]: 'rows of a common table',
  [LABEL_SESSION]: 'session',
  [LABEL_MEM_BUFFER]: 'buffered writes',
};
