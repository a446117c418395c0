/**
 * # TiDB, a node
 *
 * Life of a statement, with the functions that see it:
 *
 * 1. `Server.onCall` (`server.ts`): the text arrives; a task is started for it.
 * 2. `SqlSession.execute` (`session.ts`): the text is looked up.
 * 3. `StatementCache.lookup` (`sql/statement-cache.ts`): a text of a known shape is not parsed
 *    again; its literals are read by a scanner.
 * 4. `Cpu.run`: parsing, planning and starting cost time on one of the node's cores.
 * 5. `TidbNode.plan` → `planStatement` (`sql/planner/`): a tree of operators, kept with the
 *    syntax tree.
 * 6. `SqlSession.runInTransaction`: the open transaction, or one of its own.
 * 7. `StatementRunner.run` (`run-statement.ts`): a fresh for_update_ts for statements that lock;
 *    again with a newer one when a lock meets a newer version.
 * 8. `Plan.open`, `Executor.next` (`executor/`): chunks are pulled through the operators.
 * 9. `Transaction.scan`, `batchGet`, `lockKeys` (`txn/`): what is not here is asked of the stores.
 * 10. `MemBuffer.put`: changes stay in the transaction until
 * 11. `Txn.commit` → `TwoPhaseCommit.run`, at COMMIT or at the statement's end.
 * 12. `Call.respond`: the result, an error packet, or a closed connection.
 *
 * Everything of a node dies with its process: sessions, transactions, caches. The schema and the
 * global variables are shared by all nodes and changes of them take effect at once (in TiDB they
 * live in etcd and in system tables, and nodes follow within a lease). What its statements hold is
 * counted and bounded in `memory/`. Absent: privileges, histograms.
 */

export { bootTidb, type TidbShared, tidbShared } from './boot.ts';
export { RecordFiles } from './memory/index.ts';
export { TxnClient } from './txn/index.ts';
