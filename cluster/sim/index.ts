/**
 * # The simulated world
 *
 * Physics, and nothing of databases. Time is virtual: integer microseconds from 0, advanced by one
 * event heap ordered by (time, sequence). Idle time costs nothing; an hour with nothing to do is
 * one comparison.
 *
 * ```
 *   Scheduler ── fires ──▶ Network  (a call, a reply, a message arrives)
 *      │                   Disk     (a sync has ended)
 *      │                   Task     (a sleeper wakes)
 *      ▼                   DeadlineQueue (a call is overdue)
 *   Trace  (hash of every event)
 * ```
 *
 * **Two kinds of code.** Protocol rules are synchronous: a message comes in, a state changes,
 * messages go out. Whatever must wait (a SQL session, two-phase commit) is a generator: `yield*`
 * reads "may wait", and a `Task` drives it. No promise exists in here.
 *
 * **A kill drops the frames.** A process is an incarnation. `World.kill` marks it dead; its tasks
 * and timers still in the heap fire into nothing, no `finally` runs, nobody is told but the kernel
 * of each peer, which sees its connections reset. What survives is what the node's `Disk` had
 * synced.
 *
 * **Determinism contract.** Every draw comes from a `Rng` stream keyed by seed and label; ties in
 * time are broken by order of scheduling; no platform clock, timer, promise or randomness is
 * reachable. The same seed gives the same sequence of events, hence the same trace hash, in every
 * process.
 *
 * **What can go wrong.** `Faulty` is anything a fault can be laid on: a directed link
 * (`link-fault.ts`), a wall clock, a disk. A fault has a name, draws from a stream of its own,
 * counts how often it struck, and leaves no trace when it is lifted. Processes are killed, or
 * paused: a paused one misses nothing, it only gets everything late and at once. `World.kill` takes
 * the process; `Disk.processDied` or `Disk.lostPower` says what that meant for unsynced writes.
 *
 * ```
 *   a packet on a link with faults
 *     blocked ── held; sent again when TCP next tries; given up by keep-alive after 13 s
 *     clogged ── held; released in order when the clog is lifted
 *     lost or corrupt ── sent again after 10 ms, 210 ms, 610 ms, …; the eighth time is too late
 *     delayed ── later; one-way messages keep their order, as on a stream
 *     duplicated, reordered ── one-way messages only: calls are answered once
 * ```
 *
 * Left out: bandwidth and memory; calls of one connection overtake each other freely.
 */
export { Channel } from './channel.ts';
export type { Clock, ClockFault } from './clock.ts';
export { Cpu } from './cpu.ts';
export { Disk, type DiskFault, type DiskProfile } from './disk.ts';
export type { FaultInForce, Faulty } from './faulty.ts';
export type { LinkFault } from './link-fault.ts';
export { Mutex } from './mutex.ts';
export type { LinkProfile } from './network.ts';
export { type Handler, Process } from './process.ts';
export { hashText, Rng } from './rng.ts';
export { type Call, isRpcError, type RpcError } from './rpc.ts';
export { EVENT_HARNESS, type EventTarget } from './scheduler.ts';
export { Gate, type Settled, settleAll, sleep, type Task, type Wait } from './task.ts';
export type { Checkpoint, TracedEvent } from './trace.ts';
export { World } from './world.ts';
