import { describe, expect, it } from 'vitest';
import { ConnectionLost } from '../cluster/errors.ts';
import { ScriptedDatabase } from '../testing/scripted-database.ts';
import { Client } from './client.ts';

const OPTIONS = { process: 4, processes: 10, node: 0, spread: true };

/**
 * A database that refuses the first `refusals` connections, and when and where those were tried.
 */
function refusing(refusals: number) {
  const attempts: { readonly node: number; readonly atUs: number }[] = [];
  const database = new ScriptedDatabase(
    () => [],
    (node, atUs) => (attempts.push({ node, atUs }) <= refusals ? new ConnectionLost() : undefined),
  );
  const pausesMs = () =>
    attempts.slice(1).map(({ atUs }, i) => (atUs - (attempts[i]?.atUs ?? 0) - 1_000) / 1_000);
  return { database, attempts, pausesMs };
}

describe('a client', () => {
  it('waits 100 ms, then twice as long each time up to 2 s, before it connects again', async () => {
    const { database, pausesMs, attempts } = refusing(7);
    const client = new Client(database.context, OPTIONS);
    expect(await database.during(client.open(60_000_000))).toBeDefined();
    expect(pausesMs()).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
    expect(attempts.map(({ node }) => node)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });

  it('stays with its node unless it spreads', async () => {
    const { database, attempts } = refusing(3);
    const client = new Client(database.context, { ...OPTIONS, spread: false });
    await database.during(client.open(60_000_000));
    expect(attempts.map(({ node }) => node)).toEqual([0, 0, 0, 0]);
  });

  it('goes to another node if its own has left the cluster', async () => {
    const { database, attempts } = refusing(0);
    const client = new Client(database.context, { ...OPTIONS, node: 1 });
    database.nodeCount = 1;
    await database.during(client.open(60_000_000));
    expect(attempts.map(({ node }) => node)).toEqual([0]);
  });

  it('gives up at the time it is told', async () => {
    const { database } = refusing(1000);
    const client = new Client(database.context, OPTIONS);
    expect(await database.during(client.open(5_000_000))).toBeUndefined();
  });

  it('keeps its session until it drops it, and forgets old trouble after a success', async () => {
    const { database, pausesMs } = refusing(2);
    const client = new Client(database.context, OPTIONS);
    const first = await database.during(client.open(60_000_000));
    expect(await database.during(client.open(60_000_000))).toBe(first);
    client.succeeded();
    client.drop();
    expect(await database.during(client.open(60_000_000))).not.toBe(first);
    expect(pausesMs()).toEqual([100, 200, 100]);
  });

  it('comes back under a process number that no client had', () => {
    const client = new Client(refusing(0).database.context, OPTIONS);
    client.retire();
    client.retire();
    expect(client.process).toBe(24);
  });
});
