import type { ColumnDefinition, DefinitionOption, IndexDefinition, IndexPart } from './ast.ts';
import { Identifier, keyword } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { DmlParser } from './parser-dml.ts';
import type { Mutable } from './parser-type.ts';
import { Level } from './precedence.ts';
import { literal, symbol } from './tokens.ts';

/** Bits of AUTO_RANDOM unless it names some (TiDB). */
const AUTO_RANDOM_BITS = 5;

/** What CREATE TABLE and ALTER TABLE define: columns, indexes, options. */
export abstract class ColumnParser extends DmlParser {
  /** `name type attributes`. */
  readonly columnDefinition: Rule<ColumnDefinition> = this.RULE('columnDefinition', () => {
    const name = this.SUBRULE(this.identifier);
    const type = this.SUBRULE(this.dataType);
    const column: Mutable<ColumnDefinition> = {
      name,
      type,
      nullable: undefined,
      defaultValue: undefined,
      onUpdate: undefined,
      autoIncrement: false,
      autoRandomBits: undefined,
      primaryKey: false,
      clustered: undefined,
      unique: false,
      comment: undefined,
    };
    this.MANY(() => {
      const change = this.SUBRULE(this.columnAttribute);
      this.ACTION(() => Object.assign(column, change));
    });
    return column;
  });

  /** One attribute of a column, as the fields it sets. */
  readonly columnAttribute: Rule<Partial<ColumnDefinition>> = this.RULE(
    'columnAttribute',
    (): Partial<ColumnDefinition> => {
      return this.OR<Partial<ColumnDefinition>>([
        {
          ALT: () => {
            this.CONSUME(keyword.NOT);
            return this.meaning(this.CONSUME(keyword.NULL), { nullable: false });
          },
        },
        { ALT: () => this.meaning(this.CONSUME2(keyword.NULL), { nullable: true }) },
        {
          ALT: () => {
            this.CONSUME(keyword.DEFAULT);
            // Only what binds like a prefix: `DEFAULT 0 NOT NULL` is two attributes.
            return { defaultValue: this.SUBRULE(this.expression, { ARGS: [Level.prefix] }) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.ON);
            this.CONSUME(keyword.UPDATE);
            return { onUpdate: this.SUBRULE2(this.expression, { ARGS: [Level.prefix] }) };
          },
        },
        {
          ALT: () => this.meaning(this.CONSUME(keyword.AUTO_INCREMENT), { autoIncrement: true }),
        },
        { ALT: () => this.SUBRULE(this.autoRandom) },
        {
          ALT: () => {
            this.OPTION(() => this.CONSUME(keyword.PRIMARY));
            this.CONSUME(keyword.KEY);
            const clustered = this.OPTION2(() => this.SUBRULE(this.clustering));
            return { primaryKey: true, clustered };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.UNIQUE);
            this.OPTION3(() => this.CONSUME2(keyword.KEY));
            return { unique: true };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.COMMENT);
            return { comment: this.SUBRULE(this.quoted) };
          },
        },
      ]);
    },
  );

  /** `AUTO_RANDOM[(shard bits[, range bits])]`. */
  readonly autoRandom: Rule<Partial<ColumnDefinition>> = this.RULE('autoRandom', () => {
    this.CONSUME(keyword.AUTO_RANDOM);
    const bits = this.OPTION(() => {
      this.CONSUME(symbol.leftParenthesis);
      const shard = this.SUBRULE(this.integer);
      this.OPTION2(() => {
        this.CONSUME(symbol.comma);
        this.SUBRULE2(this.integer);
      });
      this.CONSUME(symbol.rightParenthesis);
      return shard;
    });
    return { autoRandomBits: bits ?? AUTO_RANDOM_BITS };
  });

  /** CLUSTERED (true) or NONCLUSTERED (false). */
  readonly clustering: Rule<boolean> = this.RULE('clustering', () => {
    return this.OR([
      { ALT: () => this.meaning(this.CONSUME(keyword.CLUSTERED), true) },
      { ALT: () => this.meaning(this.CONSUME(keyword.NONCLUSTERED), false) },
    ]);
  });

  /** A key of its own: `PRIMARY KEY (a)`, `UNIQUE KEY name (a, b)`, `INDEX name (a)`. */
  readonly indexDefinition: Rule<IndexDefinition> = this.RULE(
    'indexDefinition',
    (): IndexDefinition => {
      const constraint = this.OPTION(() => {
        this.CONSUME(keyword.CONSTRAINT);
        return this.OPTION2(() => this.SUBRULE(this.identifier));
      });
      const type = this.SUBRULE(this.indexType);
      const name = this.OPTION3(() => this.SUBRULE2(this.identifier)) ?? constraint;
      const parts = this.SUBRULE(this.indexParts);
      const options = this.SUBRULE(this.indexOptions);
      return { type, name: type === 'primary' ? undefined : name, parts, ...options };
    },
  );

  /** PRIMARY KEY, UNIQUE [KEY|INDEX], KEY or INDEX. */
  readonly indexType: Rule<IndexDefinition['type']> = this.RULE('indexType', () => {
    return this.OR<IndexDefinition['type']>([
      {
        ALT: () => {
          this.CONSUME(keyword.PRIMARY);
          return this.meaning(this.CONSUME(keyword.KEY), 'primary');
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.UNIQUE);
          this.OPTION(() => this.SUBRULE(this.keyOrIndex));
          return 'unique';
        },
      },
      {
        ALT: () => {
          this.SUBRULE2(this.keyOrIndex);
          return 'index';
        },
      },
    ]);
  });

  /** KEY or INDEX. */
  readonly keyOrIndex: Rule<void> = this.RULE('keyOrIndex', () => {
    this.OR([{ ALT: () => this.CONSUME(keyword.KEY) }, { ALT: () => this.CONSUME(keyword.INDEX) }]);
  });

  /** `(a, b(10) DESC)`. */
  readonly indexParts: Rule<IndexPart[]> = this.RULE('indexParts', () => {
    const parts: IndexPart[] = [];
    this.CONSUME(symbol.leftParenthesis);
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        const column = this.SUBRULE(this.identifier);
        const length = this.OPTION(() => {
          this.CONSUME2(symbol.leftParenthesis);
          const characters = this.SUBRULE(this.integer);
          this.CONSUME2(symbol.rightParenthesis);
          return characters;
        });
        parts.push({ column, length, descending: this.SUBRULE(this.direction) });
      },
    });
    this.CONSUME(symbol.rightParenthesis);
    return parts;
  });

  /** CLUSTERED, COMMENT and USING BTREE behind the parts; the last changes nothing. */
  readonly indexOptions: Rule<IndexOptions> = this.RULE('indexOptions', () => {
    const options: Mutable<IndexOptions> = { clustered: undefined, comment: undefined };
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const clustered = this.SUBRULE(this.clustering);
            this.ACTION(() => Object.assign(options, { clustered }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.COMMENT);
            const comment = this.SUBRULE(this.quoted);
            this.ACTION(() => Object.assign(options, { comment }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.USING);
            this.SUBRULE(this.identifier);
          },
        },
      ]);
    });
    return options;
  });

  /** `ENGINE = InnoDB DEFAULT CHARSET = utf8mb4, COMMENT = 'x'`, possibly nothing. */
  readonly definitionOptions: Rule<DefinitionOption[]> = this.RULE('definitionOptions', () => {
    const options: DefinitionOption[] = [];
    this.MANY(() => {
      options.push(this.SUBRULE(this.definitionOption));
      this.OPTION({
        GATE: () => !this.isAhead(2, keyword.ADD) && !this.isAhead(2, keyword.DROP),
        DEF: () => this.CONSUME(symbol.comma),
      });
    });
    return options;
  });

  /** One `name [=] value`. CHARACTER SET is CHARSET. */
  readonly definitionOption: Rule<DefinitionOption> = this.RULE('definitionOption', () => {
    this.OPTION(() => this.CONSUME(keyword.DEFAULT));
    return this.OR<DefinitionOption>({
      // CHARSET is also a name, so the last alternative could take it: the first one is meant.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            this.OR2([
              { ALT: () => this.CONSUME(keyword.CHARSET) },
              {
                ALT: () => {
                  this.CONSUME(keyword.CHARACTER);
                  this.CONSUME(keyword.SET);
                },
              },
            ]);
            this.OPTION2(() => this.CONSUME(symbol.equal));
            return { name: 'CHARSET', value: this.SUBRULE(this.charsetName) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(keyword.COLLATE);
            this.OPTION3(() => this.CONSUME2(symbol.equal));
            return { name: 'COLLATE', value: this.SUBRULE2(this.charsetName) };
          },
        },
        {
          ALT: () => {
            const name = this.CONSUME(Identifier).image.toUpperCase();
            this.OPTION4(() => this.CONSUME3(symbol.equal));
            const value = this.OR3([
              { ALT: () => this.SUBRULE(this.nameOrString) },
              { ALT: () => this.CONSUME(literal.int).image },
            ]);
            return { name, value };
          },
        },
      ],
    });
  });
}

type IndexOptions = Pick<IndexDefinition, 'clustered' | 'comment'>;
