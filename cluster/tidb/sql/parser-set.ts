import type {
  Expression,
  IsolationLevel,
  SetNames,
  SetTransaction,
  Statement,
  VariableScope,
  VariableSetting,
} from './ast.ts';
import { Identifier, keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { DdlParser } from './parser-ddl.ts';
import { splitScope } from './parser-expression.ts';
import { symbol, variable } from './tokens.ts';

type Characteristic = Pick<SetTransaction, 'isolation'> | Pick<SetTransaction, 'readOnly'>;

/** SET in its three meanings: variables, NAMES, TRANSACTION. */
export abstract class SetParser extends DdlParser {
  /** SET. */
  readonly set: Rule<Statement> = this.RULE('set', (): Statement => {
    this.CONSUME(keyword.SET);
    return this.OR<Statement>([
      { GATE: () => this.isTransactionAhead(), ALT: () => this.SUBRULE(this.setTransaction) },
      {
        GATE: () => !this.isAhead(2, symbol.equal),
        ALT: () => this.SUBRULE(this.setNames),
      },
      {
        ALT: () => {
          const settings: VariableSetting[] = [];
          this.AT_LEAST_ONE_SEP({
            SEP: symbol.comma,
            DEF: () => {
              settings.push(this.SUBRULE(this.setting));
            },
          });
          return { kind: 'set-variables', settings };
        },
      },
    ]);
  });

  private isTransactionAhead(): boolean {
    const scopes = [keyword.SESSION, keyword.GLOBAL, keyword.LOCAL];
    const at = scopes.some((word) => this.isAhead(1, word)) ? 2 : 1;
    return this.isAhead(at, keyword.TRANSACTION) && !this.isAhead(at + 1, symbol.equal);
  }

  /** GLOBAL, SESSION, LOCAL, INSTANCE. */
  readonly scope: Rule<VariableScope> = this.RULE('scope', () => {
    return this.OR<VariableScope>([
      { ALT: () => this.meaning(this.CONSUME(keyword.GLOBAL), 'global') },
      { ALT: () => this.meaning(this.CONSUME(keyword.SESSION), 'session') },
      { ALT: () => this.meaning(this.CONSUME(keyword.LOCAL), 'session') },
      { ALT: () => this.meaning(this.CONSUME(keyword.INSTANCE), 'instance') },
    ]);
  });

  /** `@a = 1`, `@@global.a = 1`, `SESSION a = 1`, `a := 1`. */
  readonly setting: Rule<VariableSetting> = this.RULE('setting', (): VariableSetting => {
    return this.OR<VariableSetting>([
      {
        ALT: () => {
          const name = this.CONSUME(variable.user).image.toLowerCase();
          return { target: 'user', name, value: this.SUBRULE(this.assigned) };
        },
      },
      {
        ALT: () => {
          const { scope, name } = splitScope(this.CONSUME(variable.system).image);
          return { target: 'system', scope, name, value: this.SUBRULE2(this.assigned) };
        },
      },
      {
        ALT: () => {
          const scope = this.OPTION({
            GATE: () => !this.isAhead(2, symbol.equal) && !this.isAhead(2, symbol.assign),
            DEF: () => this.SUBRULE(this.scope),
          });
          const name = this.CONSUME(Identifier).image.toLowerCase();
          return { target: 'system', scope, name, value: this.SUBRULE3(this.assigned) };
        },
      },
    ]);
  });

  /** `= value`; ON and BINARY are bare words here. */
  readonly assigned: Rule<Expression> = this.RULE('assigned', (): Expression => {
    this.OR([
      { ALT: () => this.CONSUME(symbol.equal) },
      { ALT: () => this.CONSUME(symbol.assign) },
    ]);
    return this.OR2<Expression>([
      { ALT: () => bareWord(this.CONSUME(keyword.ON).image) },
      { ALT: () => this.SUBRULE(this.expression) },
    ]);
  });

  /** NAMES charset [COLLATE collation], CHARACTER SET charset. */
  readonly setNames: Rule<SetNames> = this.RULE('setNames', (): SetNames => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.NAMES) },
      { ALT: () => this.CONSUME(keyword.CHARSET) },
      {
        ALT: () => {
          this.CONSUME(keyword.CHARACTER);
          this.CONSUME(keyword.SET);
        },
      },
    ]);
    const charset = this.OR2<string | undefined>([
      { ALT: () => this.meaning(this.CONSUME(keyword.DEFAULT), undefined) },
      { ALT: () => this.SUBRULE(this.charsetName) },
    ]);
    const collation = this.OPTION(() => {
      this.CONSUME(keyword.COLLATE);
      return this.SUBRULE(this.collationName);
    });
    return { kind: 'set-names', charset, collation };
  });

  /** `[SESSION|GLOBAL] TRANSACTION characteristics`. */
  readonly setTransaction: Rule<SetTransaction> = this.RULE(
    'setTransaction',
    (): SetTransaction => {
      const scope = this.OPTION(() => this.SUBRULE(this.scope));
      this.CONSUME(keyword.TRANSACTION);
      const found = { isolation: undefined, readOnly: undefined };
      this.AT_LEAST_ONE_SEP({
        SEP: symbol.comma,
        DEF: () => {
          const characteristic = this.SUBRULE(this.characteristic);
          this.ACTION(() => Object.assign(found, characteristic));
        },
      });
      return { kind: 'set-transaction', scope, ...found };
    },
  );

  /** ISOLATION LEVEL …, READ ONLY, READ WRITE. */
  readonly characteristic: Rule<Characteristic> = this.RULE('characteristic', () => {
    return this.OR<Characteristic>([
      {
        ALT: () => {
          this.CONSUME(keyword.ISOLATION);
          this.CONSUME(keyword.LEVEL);
          return { isolation: this.SUBRULE(this.isolationLevel) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.READ);
          const readOnly = this.OR2([
            { ALT: () => this.meaning(this.CONSUME(keyword.ONLY), true) },
            { ALT: () => this.meaning(this.CONSUME(keyword.WRITE), false) },
          ]);
          return { readOnly };
        },
      },
    ]);
  });

  /** The four levels. */
  readonly isolationLevel: Rule<IsolationLevel> = this.RULE('isolationLevel', () => {
    return this.OR<IsolationLevel>([
      {
        ALT: () => {
          this.CONSUME(keyword.READ);
          return this.OR2<IsolationLevel>([
            { ALT: () => this.meaning(this.CONSUME(keyword.COMMITTED), 'READ-COMMITTED') },
            { ALT: () => this.meaning(this.CONSUME(keyword.UNCOMMITTED), 'READ-UNCOMMITTED') },
          ]);
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.REPEATABLE);
          return this.meaning(this.CONSUME2(keyword.READ), 'REPEATABLE-READ');
        },
      },
      { ALT: () => this.meaning(this.CONSUME(keyword.SERIALIZABLE), 'SERIALIZABLE') },
    ]);
  });
}

function bareWord(name: string): Expression {
  return { kind: 'column', schema: undefined, table: undefined, name };
}
