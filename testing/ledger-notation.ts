import type { CheckResult } from '../checker/checker.ts';
import type { Op } from '../checker/history.ts';
import { LedgerJudge } from '../checker/ledger.ts';
import { LEDGER_F, type ReadValue } from '../checker/ledger-ops.ts';

/**
 * Ledger histories in a few letters, for tests. One line is one operation; each takes a second.
 *
 *     g7 ok 1+5 2-5           posting group 7 moves 5 from account 2 to account 1, acknowledged
 *     g7 info 1+5 2-5         nobody knows; it is in the table only with `seen` at the end
 *     g7 ok 1+5 2-5 lost      acknowledged, but not in the table
 *     g7 ok 1+5#2 2-5         writes causality id 2 on account 1, whatever is last there
 *     verify 0                the database answered 0; also `verify 5 scan 0`, `verify ! error`
 *     admin ok                ADMIN CHECK TABLE; `admin ! 8223 text`
 *     progress worker-1 ok    liveness; `progress worker-1 ! text`
 *     set 1 g7 balance 9      the final read has 9 there (also cid, amount)
 *     drop 1 g7               the final read lacks that row
 *     row 1#3 g9 +5 =5        the final read has this row in addition
 *     after 600               the next line happens so many seconds later
 *     no table                there was no final read
 */
export function ledgerHistory(accounts: number, script: string): Op[] {
  const writer = new HistoryWriter(accounts);
  for (const line of script.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] !== '') writer.line(words);
  }
  return writer.finish();
}

/** Judges a script; the results by name of the check. */
export function judgeScript(accounts: number, script: string): Map<string, CheckResult> {
  return judgeHistory(accounts, ledgerHistory(accounts, script));
}

/** Judges operations; a verification must succeed every ten minutes. */
export function judgeHistory(accounts: number, ops: readonly Op[]): Map<string, CheckResult> {
  const judge = new LedgerJudge({ accounts, verificationBoundUs: 600 * SECOND_US });
  for (const op of ops) judge.observe(op);
  return new Map(judge.conclude().map((result) => [result.name, result]));
}

const SECOND_US = 1_000_000;

interface Row {
  readonly account: number;
  readonly group: string;
  cid: number;
  amount: number;
  balance: number;
}

class HistoryWriter {
  private readonly ops: Op[] = [];
  private readonly rows: Row[] = [];
  private nowUs = 0;
  private tableRead = true;

  constructor(accounts: number) {
    for (let account = 1; account <= accounts; account++) {
      this.rows.push({
        account,
        group: String(1_000_000 + account),
        cid: 0,
        amount: 0,
        balance: 0,
      });
    }
  }

  line(words: readonly string[]): void {
    const [verb = '', ...rest] = words;
    if (/^g\d+$/.test(verb)) this.posting(verb.slice(1), rest);
    else if (verb === 'verify') this.verify(rest);
    else if (verb === 'admin') this.record(LEDGER_F.adminCheck, null, rest);
    else if (verb === 'progress') {
      const [client = '', ...outcome] = rest;
      this.record(LEDGER_F.progress, { client, attempts: 1, boundUs: SECOND_US }, outcome);
    } else if (verb === 'set') this.set(rest);
    else if (verb === 'drop') this.rows.splice(this.find(rest), 1);
    else if (verb === 'row') this.row(rest);
    else if (verb === 'after') this.nowUs += Number(rest[0]) * SECOND_US;
    else if (verb === 'no') this.tableRead = false;
    else throw new Error(`no such line: ${words.join(' ')}`);
  }

  finish(): Op[] {
    if (!this.tableRead) return this.ops;
    const value: ReadValue = {
      attempt: 1,
      last: true,
      accounts: this.rows.map((row) => row.account),
      groups: this.rows.map((row) => row.group),
      cids: this.rows.map((row) => row.cid),
      amounts: this.rows.map((row) => row.amount),
      balances: this.rows.map((row) => row.balance),
    };
    this.record(LEDGER_F.read, value, ['ok']);
    return this.ops;
  }

  private posting(group: string, [outcome, sideA, sideB, fate]: readonly string[]): void {
    const a = this.side(group, sideA);
    const b = this.side(group, sideB);
    const value = {
      ...{ group, a: a.account, b: b.account, amount: a.amount },
      ...{ cidA: a.cid, cidB: b.cid },
    };
    this.record(LEDGER_F.transfer, value, outcome === 'ok' ? ['ok'] : [outcome ?? '', '9001', 'x']);
    if (fate === 'seen' || (outcome === 'ok' && fate !== 'lost')) this.rows.push(a, b);
  }

  /** `1+5` or `1+5#2`: the row that this side of a posting writes. */
  private side(group: string, text = ''): Row {
    const match = /^(\d+)([+-]\d+)(?:#(\d+))?$/.exec(text);
    if (match === null) throw new Error(`no side of a posting: ${text}`);
    const [, accountText, amountText, cidText] = match;
    const account = Number(accountText);
    const chain = this.rows.filter((row) => row.account === account);
    const last = Math.max(...chain.map((row) => row.cid));
    const cid = cidText === undefined ? last + 1 : Number(cidText);
    const before = chain.find((row) => row.cid === cid - 1);
    const amount = Number(amountText);
    return { account, group, cid, amount, balance: (before?.balance ?? 0) + amount };
  }

  private verify([total, ...rest]: readonly string[]): void {
    if (total === '!') this.record(LEDGER_F.verify, null, ['!', ...rest]);
    else if (rest.length === 0) this.record(LEDGER_F.verify, { total }, ['ok']);
    else this.record(LEDGER_F.verify, { total, scanTotal: rest[1] }, ['ok']);
  }

  private set([account, group, column, value]: readonly string[]): void {
    const row = this.rows[this.find([account ?? '', group ?? ''])];
    if (row === undefined) throw new Error(`no row ${account} ${group}`);
    if (column === 'cid' || column === 'amount' || column === 'balance')
      row[column] = Number(value);
  }

  private row([place = '', group = '', amount, balance = '']: readonly string[]): void {
    const [account, cid] = place.split('#');
    const numbers = { cid: Number(cid), amount: Number(amount), balance: Number(balance.slice(1)) };
    this.rows.push({ account: Number(account), group: group.slice(1), ...numbers });
  }

  private find([account, group = '']: readonly string[]): number {
    return this.rows.findIndex(
      (row) => row.account === Number(account) && row.group === group.slice(1),
    );
  }

  /** `ok`, or `!`, `fail`, `info` followed by the error's text. */
  private record(f: string, value: unknown, [outcome, ...error]: readonly string[]): void {
    const invokedAtUs = this.nowUs;
    this.nowUs += SECOND_US;
    this.ops.push({
      index: this.ops.length,
      process: 0,
      f,
      outcome: outcome === 'ok' || outcome === 'info' ? outcome : 'fail',
      value,
      invokedAtUs,
      completedAtUs: this.nowUs,
      ...(outcome === 'ok' ? {} : { error: error.join(' ') }),
    });
  }
}
