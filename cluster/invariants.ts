/**
 * Assertions that are on in every run (what must never be seen, whatever fails): cheap, asked where
 * something happens, and outside of the simulated machines, so that no mutant can argue with them.
 * A violated one ends the run at that event.
 *
 * | rule | what is compared |
 * |---|---|
 * | `raft.one-leader` | at most one leader of a region in a term (Raft, election safety) |
 * | `raft.same-log` | peers apply the same entry at an index (state machine safety) |
 * | `raft.lease` | no read by a lease once a later leader has committed |
 * | `raft.fresh-read` | a read sees whatever a leader had applied before it was asked for |
 * | `region.disjoint` | regions of one version do not overlap |
 * | `region.epoch` | of two epochs of a region one is later in both parts |
 * | `tso.increasing` | every timestamp is above all that were given before, by whomever |
 * | `tso.saved` | a timestamp lies within a window that was saved |
 * | `pd.one-leader` | leases of PD's leaders do not overlap |
 * | `txn.atomic` | a transaction's records share one commit timestamp, or all are rollbacks |
 * | `txn.order` | a commit timestamp is above the start timestamp |
 * | `txn.snapshot` | nothing is committed below a scan of the same range that was answered before |
 * | `memory.baseline` | a statement that has ended holds no memory and nothing on disk |
 */
import type { Key } from './key.ts';
import { LogWindow } from './log-window.ts';
import { MAX_TS, type Modify } from './mvcc/engine.ts';
import { WRITE_DELETE, WRITE_PUT, WRITE_ROLLBACK } from './mvcc/records.ts';
import type { PdWitness } from './pd/witness.ts';
import { RegionCounters } from './region-counters.ts';
import type { MemoryLeak } from './tidb/memory/observer.ts';
import type { RaftCommand } from './tikv/command.ts';
import { isOlder, overlaps } from './tikv/epoch.ts';
import type { Witness } from './tikv/index.ts';
import type { RegionInfo } from './tikv/request.ts';
import { physicalMs } from './timestamp.ts';

/** Each rule and what it says. */
export const INVARIANTS = {
  'raft.one-leader': 'a region has at most one leader in a term',
  'raft.same-log': 'all peers of a region apply the same entries',
  'raft.lease': 'a leader does not read by its lease once a later one has committed',
  'raft.fresh-read': 'a read sees what was applied before it was asked for',
  'region.disjoint': 'regions of one version have no key in common',
  'region.epoch': 'all epochs of a region are ordered',
  'tso.increasing': 'a timestamp is above all that were given before',
  'tso.saved': 'a timestamp lies in a window that was saved',
  'pd.one-leader': 'no two members of PD hold the leader lease at once',
  'txn.atomic': 'a transaction commits at one timestamp everywhere, or nowhere',
  'txn.order': 'a transaction commits after it began',
  'txn.snapshot': 'what was read at a timestamp stays as it was',
  'memory.baseline': 'a statement that has ended holds nothing',
} as const;

/** Name of an assertion. */
export type InvariantName = keyof typeof INVARIANTS;

/** Something was seen that must never be seen. */
export class InvariantViolation extends Error {
  readonly invariant: InvariantName;
  /** Virtual time, µs. */
  readonly atUs: number;

  constructor(invariant: InvariantName, atUs: number, message: string) {
    super(message);
    this.name = 'InvariantViolation';
    this.invariant = invariant;
    this.atUs = atUs;
  }
}

/** Terms of a region, and transactions, that are remembered. */
const TERMS_KEPT = 16;
const TRANSACTIONS_KEPT = 200_000;
/** The commit timestamp of a transaction that was rolled back. */
const ROLLED_BACK = -1;

/** What is remembered of one region. */
class RegionMemory {
  readonly leaders = new Map<number, number>();
  readonly log = new LogWindow();
  appliedTerm = 0;
  region: RegionInfo;
  /** As it was compared with all others. */
  compared: RegionInfo | undefined = undefined;
  /** The widest scan there was of the region as it is, and the newest timestamp of such a one. */
  scanStart = '';
  scanEnd = '';
  scanTs = 0;

  constructor(region: RegionInfo) {
    this.region = region;
  }
}

/** Watches the stores and PD. Every method throws an {@link InvariantViolation}. */
export class Invariants extends RegionCounters implements Witness, PdWitness {
  private readonly regions = new Map<number, RegionMemory>();
  private readonly transactions = new Map<number, number>();
  private newestTs = 0;
  private pdLeader = -1;
  private pdLeaseUntilUs = 0;

  override elected(region: RegionInfo, term: number, store: number): void {
    super.elected(region, term, store);
    const { leaders } = this.memory(region);
    const other = leaders.get(term);
    if (other !== undefined && other !== store) {
      this.fail(
        'raft.one-leader',
        `region ${region.id}, term ${term}: nodes ${other} and ${store}`,
      );
    }
    leaders.set(term, store);
    if (leaders.size > TERMS_KEPT) leaders.delete(Math.min(...leaders.keys()));
  }

  applied(
    region: RegionInfo,
    index: number,
    term: number,
    store: number,
    command: RaftCommand | undefined,
    leads: boolean,
  ): void {
    const memory = this.memory(region);
    const known = memory.log.termAt(index);
    if (known !== undefined && known !== term) {
      const found = `index ${index}: term ${term} on node ${store}, ${known} elsewhere`;
      this.fail('raft.same-log', `region ${region.id}, ${found}`);
    }
    if (known === undefined) memory.log.applied(index, term);
    if (term > memory.appliedTerm) memory.appliedTerm = term;
    // A later leader may apply again what an earlier one has, and others have read since.
    if (!leads || !memory.log.led(index, this.nowUs())) return;
    if (command?.kind === 'write') this.committed(memory, command.modifies);
  }

  read(region: RegionInfo, applied: number, askedUs: number): void {
    const memory = this.memory(region);
    const next = applied + 1;
    const appliedUs = memory.log.ledAt(next);
    if (appliedUs === undefined || appliedUs >= askedUs) return;
    const found = `asked for at ${askedUs} µs, index ${next} was applied at ${appliedUs} µs`;
    this.fail('raft.fresh-read', `region ${region.id}: a read of index ${applied} was ${found}`);
  }

  scanned(region: RegionInfo, start: string, end: string, readTs: number): void {
    const memory = this.memory(region);
    const { scanStart, scanEnd, scanTs } = memory;
    const covers = start <= scanStart && end >= scanEnd;
    if (readTs >= MAX_TS || (scanTs > 0 && !covers)) return;
    const same = start === scanStart && end === scanEnd;
    memory.scanTs = same && scanTs > readTs ? scanTs : readTs;
    memory.scanStart = start;
    memory.scanEnd = end;
  }

  readLocally(region: RegionInfo, term: number, store: number): void {
    const { appliedTerm } = this.memory(region);
    if (appliedTerm <= term) return;
    const found = `node ${store} reads in term ${term}, term ${appliedTerm} has committed`;
    this.fail('raft.lease', `region ${region.id}: ${found}`);
  }

  override split(before: RegionInfo, after: readonly RegionInfo[], leads: boolean): void {
    super.split(before, after, leads);
    for (const region of after) this.changed(region);
  }

  override merged(target: RegionInfo, source: RegionInfo, leads: boolean): void {
    super.merged(target, source, leads);
    this.regions.delete(source.id);
    this.changed(target);
  }

  override membersChanged(before: RegionInfo, after: RegionInfo, leads: boolean): void {
    super.membersChanged(before, after, leads);
    this.changed(after);
  }

  granted(ts: number, count: number, savedMs: number, node: number): void {
    const first = ts - count + 1;
    if (first <= this.newestTs) {
      this.fail('tso.increasing', `node ${node} gave ${first}, ${this.newestTs} was given before`);
    }
    if (physicalMs(ts) > savedMs) {
      this.fail('tso.saved', `node ${node} gave ${physicalMs(ts)} ms, saved is ${savedMs} ms`);
    }
    this.newestTs = ts;
  }

  leased(node: number, untilUs: number): void {
    if (node !== this.pdLeader && this.pdLeaseUntilUs > this.nowUs()) {
      this.fail('pd.one-leader', `nodes ${this.pdLeader} and ${node} both hold the lease`);
    }
    this.pdLeader = node;
    this.pdLeaseUntilUs = untilUs;
  }

  released(node: number): void {
    if (node === this.pdLeader) this.pdLeaseUntilUs = 0;
  }

  private changed(region: RegionInfo): void {
    const memory = this.memory(region);
    const was = memory.region;
    if (isOlder(region.epoch, was.epoch)) {
      if (!isOlder(was.epoch, region.epoch)) return; // A peer that lags.
      this.fail('region.epoch', `region ${region.id}: ${shown(was)} and ${shown(region)}`);
    }
    if (region.epoch.version !== was.epoch.version) memory.scanTs = 0;
    memory.region = region;
    // The peers of a region tell of the same change one after the other.
    if (memory.compared !== undefined && sameRange(memory.compared, region)) return;
    memory.compared = region;
    for (const { region: other } of this.regions.values()) {
      if (other.id === region.id || other.epoch.version !== region.epoch.version) continue;
      if (overlaps(other, region)) {
        this.fail('region.disjoint', `regions ${shown(region)} and ${shown(other)}`);
      }
    }
  }

  private committed(memory: RegionMemory, modifies: readonly Modify[]): void {
    let lastTs = 0;
    let lastFate = 0;
    for (const modify of modifies) {
      if (modify.kind !== 'put-write') continue;
      const { type, startTs, commitTs } = modify.write;
      const fate = type === WRITE_ROLLBACK ? ROLLED_BACK : commitTs;
      if (fate !== ROLLED_BACK && commitTs <= startTs) {
        this.fail('txn.order', `transaction ${startTs} commits at ${commitTs}`);
      }
      if (commitTs <= memory.scanTs && (type === WRITE_PUT || type === WRITE_DELETE)) {
        this.unread(memory, startTs, commitTs, modify.key);
      }
      // A command mostly speaks of one transaction.
      if (startTs === lastTs && fate === lastFate) continue;
      lastTs = startTs;
      lastFate = fate;
      const known = this.transactions.get(startTs);
      if (known === undefined) this.remember(startTs, fate);
      else if (known !== fate) {
        const found = `${told(known)}, at ${spelt(modify.key)} ${told(fate)}`;
        this.fail('txn.atomic', `transaction ${startTs}: ${found}`);
      }
    }
  }

  /** A record is written below the timestamp of an earlier scan: was its key in there? */
  private unread(memory: RegionMemory, startTs: number, commitTs: number, key: Key): void {
    if (key.encoded < memory.scanStart || key.encoded >= memory.scanEnd) return;
    const found = `${spelt(key)} is committed at ${commitTs}, and was read at ${memory.scanTs}`;
    this.fail('txn.snapshot', `transaction ${startTs}: ${found}`);
  }

  private remember(startTs: number, fate: number): void {
    this.transactions.set(startTs, fate);
    if (this.transactions.size <= TRANSACTIONS_KEPT) return;
    for (const oldest of this.transactions.keys()) {
      this.transactions.delete(oldest);
      return;
    }
  }

  /** A TiDB node found something left of a statement. */
  leaked({ node, connection, sql, memory, disk }: MemoryLeak): never {
    const left = `${memory.consumed} bytes in memory, ${disk.consumed} on disk`;
    const what = `${sql.slice(0, 200)}:${memory}${disk}`;
    this.fail('memory.baseline', `${node}, connection ${connection}: ${left} after ${what}`);
  }

  private memory(region: RegionInfo): RegionMemory {
    let memory = this.regions.get(region.id);
    if (memory === undefined) {
      memory = new RegionMemory(region);
      this.regions.set(region.id, memory);
    }
    return memory;
  }

  private fail(invariant: InvariantName, message: string): never {
    throw new InvariantViolation(invariant, this.nowUs(), message);
  }
}

function sameRange(a: RegionInfo, b: RegionInfo): boolean {
  const sameVersion = a.epoch.version === b.epoch.version;
  return sameVersion && a.startKey === b.startKey && a.endKey === b.endKey;
}

function spelt(key: Key): string {
  return `${key.space.name}(${key.values.join(', ')})`;
}

function told(fate: number): string {
  return fate === ROLLED_BACK ? 'rolled back' : `committed at ${fate}`;
}

function shown({ id, startKey, endKey, epoch }: RegionInfo): string {
  const range = `[${JSON.stringify(startKey)}, ${JSON.stringify(endKey)})`;
  return `${id} ${range} version ${epoch.version}, conf ${epoch.confVer}`;
}
