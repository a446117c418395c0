import { expect, test } from 'vitest';
import { MemoryEngine } from '../../testing/memory-engine.ts';
import { keyOf } from '../../testing/mvcc-world.ts';
import { composeTs } from '../timestamp.ts';
import { blocksRead, checkTxnStatus, type Lock, MAX_TS } from './index.ts';

const lock: Lock = {
  key: keyOf('a'),
  type: 'put',
  primary: keyOf('a'),
  startTs: 10,
  ttlMs: 100,
  forUpdateTs: 0,
  minCommitTs: 11,
  txnSize: 2,
  value: [1],
  secondaries: [keyOf('b')],
};

function check(forceSyncCommit: boolean) {
  const engine = new MemoryEngine();
  engine.apply([{ kind: 'put-lock', lock }]);
  return checkTxnStatus(engine, {
    kind: 'check-txn-status',
    primary: lock.primary,
    lockTs: 10,
    callerStartTs: 30,
    currentTs: composeTs(1000, 0),
    rollbackIfNotExist: true,
    forceSyncCommit,
    resolvingPessimisticLock: false,
  });
}

test('the primary of an async commit is not judged alone, even after its time to live', () => {
  expect(check(false)).toEqual({
    modifies: [],
    status: { lockTtlMs: 100, commitTs: 0, action: 'NoAction', lock },
  });
});

test('once the caller has fallen back to two-phase commit, the primary is judged', () => {
  expect(check(true).status?.action).toBe('TTLExpireRollback');
});

test('a read of the newest version stops at the primary of an async commit', () => {
  expect(blocksRead(lock, MAX_TS, [])).toBe(true);
});
