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
/** A session and all that it runs; from v6.4. */
export const LABEL_SESSION = -27;
/** What a transaction has buffered. */
export const LABEL_MEM_BUFFER = -28;
