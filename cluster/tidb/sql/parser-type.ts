import type { DataType } from './ast.ts';
import { keyword, TypeWord } from './keywords.ts';
import { ParserBase, type Rule } from './parser-base.ts';
import { symbol } from './tokens.ts';

/** A node while it is being built. */
export type Mutable<Node> = { -readonly [Key in keyof Node]: Node[Key] };

/** Types spelled in two ways, and the one name the tree uses. */
const canonicalNames: ReadonlyMap<string, string> = new Map([
  ['NCHAR', 'CHAR'],
  ['NVARCHAR', 'VARCHAR'],
  ['REAL', 'DOUBLE'],
]);

/** A type of that name without any attribute. BOOL is TINYINT(1). */
export function typeNamed(name: string): Mutable<DataType> {
  const bool = name === 'BOOL' || name === 'BOOLEAN';
  return {
    name: bool ? 'TINYINT' : (canonicalNames.get(name) ?? name),
    length: bool ? 1 : undefined,
    scale: undefined,
    unsigned: false,
    zerofill: false,
    charset: undefined,
    collation: undefined,
    members: [],
  };
}

/** Column types and cast types. */
export abstract class TypeParser extends ParserBase {
  /** A character set: a name, a string, or BINARY. */
  readonly charsetName: Rule<string> = this.RULE('charsetName', () => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.nameOrString) },
      { ALT: () => this.CONSUME(keyword.BINARY).image.toLowerCase() },
    ]);
  });

  /** A collation: spelled like a character set. */
  readonly collationName: Rule<string> = this.RULE('collationName', () => {
    return this.SUBRULE(this.charsetName);
  });

  /** `VARCHAR(20) CHARACTER SET x`, `DECIMAL(10,2) UNSIGNED`, `ENUM('a', 'b')`. */
  readonly dataType: Rule<DataType> = this.RULE('dataType', () => {
    const type = this.OR<Mutable<DataType>>([
      {
        ALT: () => {
          const name = this.CONSUME(TypeWord).tokenType.name;
          this.OPTION(() => this.CONSUME(keyword.PRECISION));
          return typeNamed(name);
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.CHARACTER);
          const varying = this.OPTION2(() => this.CONSUME(keyword.VARYING));
          return typeNamed(varying === undefined ? 'CHAR' : 'VARCHAR');
        },
      },
    ]);
    this.OPTION3(() => this.SUBRULE(this.typeArguments, { ARGS: [type] }));
    this.MANY(() => this.SUBRULE(this.typeAttribute, { ARGS: [type] }));
    return type;
  });

  /** `(10)`, `(10, 2)`, `('a', 'b')`. */
  readonly typeArguments: Rule<void, [type: Mutable<DataType>]> = this.RULE(
    'typeArguments',
    (type: Mutable<DataType>) => {
      this.CONSUME(symbol.leftParenthesis);
      this.OR([
        {
          ALT: () => {
            const length = this.SUBRULE(this.integer);
            const scale = this.OPTION(() => {
              this.CONSUME(symbol.comma);
              return this.SUBRULE2(this.integer);
            });
            this.ACTION(() => Object.assign(type, { length, scale }));
          },
        },
        {
          ALT: () => {
            const members: string[] = [];
            this.AT_LEAST_ONE_SEP({
              SEP: symbol.comma,
              DEF: () => {
                members.push(this.SUBRULE(this.quoted));
              },
            });
            this.ACTION(() => Object.assign(type, { members }));
          },
        },
      ]);
      this.CONSUME(symbol.rightParenthesis);
    },
  );

  /** UNSIGNED, ZEROFILL, CHARACTER SET x, COLLATE x; SIGNED and BINARY change nothing. */
  readonly typeAttribute: Rule<void, [type: Mutable<DataType>]> = this.RULE(
    'typeAttribute',
    (type: Mutable<DataType>) => {
      const change = this.OR<Partial<DataType>>([
        { ALT: () => this.meaning(this.CONSUME(keyword.UNSIGNED), { unsigned: true }) },
        { ALT: () => this.meaning(this.CONSUME(keyword.SIGNED), {}) },
        { ALT: () => this.meaning(this.CONSUME(keyword.BINARY), {}) },
        {
          // ZEROFILL implies UNSIGNED.
          ALT: () =>
            this.meaning(this.CONSUME(keyword.ZEROFILL), { zerofill: true, unsigned: true }),
        },
        { ALT: () => ({ charset: this.SUBRULE(this.charsetClause) }) },
        {
          ALT: () => {
            this.CONSUME(keyword.COLLATE);
            return { collation: this.SUBRULE(this.collationName) };
          },
        },
      ]);
      this.ACTION(() => Object.assign(type, change));
    },
  );

  /** `CHARACTER SET x`, `CHARSET x`. */
  readonly charsetClause: Rule<string> = this.RULE('charsetClause', () => {
    this.OR([
      { ALT: () => this.CONSUME(keyword.CHARSET) },
      {
        ALT: () => {
          this.CONSUME(keyword.CHARACTER);
          this.CONSUME(keyword.SET);
        },
      },
    ]);
    return this.SUBRULE(this.charsetName);
  });

  /** A type of CAST: also SIGNED and UNSIGNED [INTEGER]. */
  readonly castType: Rule<DataType> = this.RULE('castType', () => {
    return this.OR<DataType>([
      {
        ALT: () => {
          this.CONSUME(keyword.SIGNED);
          this.OPTION(() => this.CONSUME(keyword.INT));
          return typeNamed('SIGNED');
        },
      },
      {
        ALT: () => {
          this.CONSUME(keyword.UNSIGNED);
          this.OPTION2(() => this.CONSUME2(keyword.INT));
          return typeNamed('UNSIGNED');
        },
      },
      { ALT: () => this.SUBRULE(this.dataType) },
    ]);
  });
}
