import type { LoadAccounts } from '../cases/ledger-loader.ts';
import { LEDGER_F, type LoadValue } from '../checker/ledger-ops.ts';
import type { Column } from '../cluster/column.ts';
import type { LoadableCluster } from '../cluster/surface.ts';

/**
 * Gives accounts their first rows by an import instead of by INSERT: a million rows are there in
 * seconds. What they are is the same, apart from their timestamps.
 */
export function importAccounts({ importer }: LoadableCluster): LoadAccounts {
  return async (ctx, _clients, accounts) => {
    const columns = importer.columnsOf('test', 'ledger_accounts');
    const [causality, group, amount, balance, , , , account] = columns as [
      ...[Column, Column, Column, Column, Column, Column, Column, Column],
      ...Column[],
    ];
    const random = ctx.rng('ledger-import');
    for (let number = 1; number <= accounts; number++) {
      for (const zero of [causality, amount, balance]) zero.push(0);
      group.push(random.nextInt63());
      account.push(`acc${number}`);
    }
    for (const column of columns) column.length = accounts;
    const invokedAtUs = ctx.nowUs();
    await importer.load('test', 'ledger_accounts', { columns, length: accounts });
    const value: LoadValue = { from: 1, until: accounts + 1 };
    ctx.history.record({
      process: 0,
      f: LEDGER_F.load,
      outcome: 'ok',
      value,
      invokedAtUs,
      completedAtUs: ctx.nowUs(),
    });
  };
}
