/**
 * # The memory of SQL
 *
 * How a TiDB node keeps its statements within bounds: it counts bytes, and when there are too many
 * it slows down, spills, and in the end cancels. Nothing is allocated for it here: bytes are
 * charged by TiDB's formulas (`chunk-bytes.ts`, and beside each operator), results are computed for
 * real, and what is spilled is really written to and read from the simulated disk.
 *
 * ```
 *   node (-12)  ◀── limit of the server, alarm: `server-limit.ts`, `alarm.ts`, every 100 ms
 *     └─ session (-27)              from v6.4: holds the quota and the actions; `session-guard.ts`
 *          ├─ statement (-1)        until v6.3: holds them itself
 *          │    ├─ operator (its number in the plan) ◀── charge, release
 *          │    │    └─ rows (-13, -14, …)
 *          │    └─ …
 *          └─ buffered writes (-28)
 *   disk (-11) ─ session ─ statement ─ operator ─ file (-9)
 * ```
 *
 * **Charging** (`tracker.ts`). `charge` adds all the way up and says whether a limit was reached;
 * only then `act` is awaited. It runs the actions of the outermost exceeded tracker in the task
 * that consumed, behind a lock: whoever else grows beyond the limit queues there, whoever releases
 * never waits. That is what a goroutine of TiDB does.
 *
 * **Actions** (`action.ts`). Each limit has a list in descending priority: rate limit (in `copr/`),
 * spill (`spill-disk-action.ts`), log or panic. The first is asked, and passes on to its fallback
 * if it has nothing left to do. At 0.8 of the quota a list of its own begins: HashAgg's spilling.
 *
 * **The end** (`panic-on-exceed.ts`, `panic.ts`). A quota throws a `QuotaPanic` at the consumer. It
 * flies up to a recover site (`recover-sites.ts`), which logs it with the stack of what was walked
 * and goes on with an ordinary error. What differs between versions is a table, `MemoryProfile` in
 * `cluster/profiles.ts`.
 *
 * **A statement's life.** `SessionMemory.begin` makes a `LiveStatement`; its trackers appear with
 * the first operator that asks for one. `end` checks that everything was given back (the assertion
 * `memory.baseline`, which no run can switch off) and tells the observer (`observer.ts`) what the
 * statement held, and who held it at the peak.
 *
 * Left out: what Go itself needs and what TiDB does not track; a panic in the task that spills ends
 * the process in v5.5, here it becomes the error of whoever reads the rows next; from v7.6 on TiDB
 * still logs the recovered panics, here only the signal to the session is told of.
 */
export { NodeMemory } from './node-memory.ts';
export { RecordFiles } from './record-files.ts';
export { SessionMemory } from './session-memory.ts';
