import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * Words that cannot be identifiers unless quoted with backticks (TiDB's list; the ones our grammar
 * has no use for are here too, so that naming a column `rank` fails as it does there).
 */
const RESERVED = `
ADD ALL ALTER ANALYZE AND ARRAY AS ASC BETWEEN BIGINT BINARY BLOB BOTH BY CALL CASCADE CASE CHANGE
CHAR CHARACTER CHECK COLLATE COLUMN CONSTRAINT CONTINUE CONVERT CREATE CROSS CUME_DIST CURRENT_DATE
CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DATABASES DAY_HOUR
DAY_MICROSECOND DAY_MINUTE DAY_SECOND DECIMAL DEFAULT DELAYED DELETE DENSE_RANK DESC DESCRIBE
DISTINCT DISTINCTROW DIV DOUBLE DROP DUAL ELSE ELSEIF ENCLOSED ESCAPED EXCEPT EXISTS EXIT EXPLAIN
FALSE FETCH FIRST_VALUE FLOAT FLOAT4 FLOAT8 FOR FORCE FOREIGN FROM FULLTEXT GENERATED GRANT GROUP
GROUPS HAVING HIGH_PRIORITY HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND IF IGNORE ILIKE IN INDEX
INFILE INNER INOUT INSERT INT INT1 INT2 INT3 INT4 INT8 INTEGER INTERSECT INTERVAL INTO IS ITERATE
JOIN KEY KEYS KILL LAG LAST_VALUE LEAD LEADING LEAVE LEFT LIKE LIMIT LINEAR LINES LOAD LOCALTIME
LOCALTIMESTAMP LOCK LONG LONGBLOB LONGTEXT LOW_PRIORITY MATCH MAXVALUE MEDIUMBLOB MEDIUMINT
MEDIUMTEXT MIDDLEINT MINUTE_MICROSECOND MINUTE_SECOND MOD NATURAL NOT NO_WRITE_TO_BINLOG NTH_VALUE
NTILE NULL NUMERIC OF ON OPTIMIZE OPTION OPTIONALLY OR ORDER OUT OUTER OUTFILE OVER PARTITION
PERCENT_RANK PRECISION PRIMARY PROCEDURE RANGE RANK READ REAL RECURSIVE REFERENCES REGEXP RELEASE
RENAME REPEAT REPLACE REQUIRE RESTRICT REVOKE RIGHT RLIKE ROW ROWS ROW_NUMBER SECOND_MICROSECOND
SELECT SET SHOW SMALLINT SPATIAL SQL SQLEXCEPTION SQLSTATE SQLWARNING SQL_BIG_RESULT
SQL_BUFFER_RESULT SQL_CACHE SQL_CALC_FOUND_ROWS SQL_NO_CACHE SQL_SMALL_RESULT SSL STARTING STORED
STRAIGHT_JOIN TABLE TABLESAMPLE TERMINATED THEN TIDB_CURRENT_TSO TINYBLOB TINYINT TINYTEXT TO
TRAILING TRIGGER TRUE UNION UNIQUE UNLOCK UNSIGNED UNTIL UPDATE USAGE USE USING UTC_DATE UTC_TIME
UTC_TIMESTAMP VALUES VARBINARY VARCHAR VARCHARACTER VARYING VIRTUAL WHEN WHERE WHILE WINDOW WITH
WRITE XOR YEAR_MONTH ZEROFILL`;

/** Words the grammar knows that stay usable as identifiers. */
const UNRESERVED = `
ADMIN AFTER ANY AUTO_INCREMENT AUTO_RANDOM BEGIN BIT BOOL BOOLEAN BUCKETS CHARSET CLUSTERED
COLLATION COLUMNS COMMENT COMMIT COMMITTED CONNECTION CONSISTENT CURRENT DATE DATETIME DAY DEALLOCATE
DUPLICATE END ENGINES ENUM ERRORS ESCAPE EXECUTE FIELDS FIRST FLUSH FOLLOWING FORMAT FULL GLOBAL HOUR INDEXES
INSTANCE ISOLATION JSON LAST LEVEL LOCAL LOCKED MICROSECOND MINUTE MODE MODIFY MONTH NAMES NATIONAL
NCHAR NO NONCLUSTERED NOWAIT NULLS NVARCHAR OFFSET ONLY OPTIMISTIC PESSIMISTIC PRECEDING PREPARE PROCESSLIST
QUARTER QUERY REGION REGIONS REPEATABLE REPLICA RESPECT ROLLBACK SECOND SEPARATOR SERIALIZABLE SESSION
SHARE SIGNED SKIP SNAPSHOT SOME SPLIT START STATS_BUCKETS STATS_HEALTHY STATS_HISTOGRAMS STATS_META
STATUS SYSTEM TABLES TEMPORARY TEXT TIDB TIFLASH TIME TIMESTAMP TRANSACTION TRUNCATE UNBOUNDED UNCOMMITTED
UNKNOWN VALUE VARIABLES WAIT WARNINGS WEEK WORK YEAR`;

/**
 * Names that are keywords only right before `(`, as in MySQL without IGNORE_SPACE: `count(*)` is
 * the aggregate while a column may be called count.
 */
const CALLS = `
AVG BIT_AND BIT_OR BIT_XOR CAST COUNT EXTRACT GROUP_CONCAT MAX MID MIN POSITION STD STDDEV
SUBSTR SUBSTRING SUM TIMESTAMPADD TIMESTAMPDIFF TRIM VARIANCE`;

type Line<Text extends string, Found = never> = Text extends `${infer Word} ${infer Rest}`
  ? Line<Rest, Found | Word>
  : Found | Text;
type Words<Text extends string, Found = never> = Text extends `${infer First}\n${infer Rest}`
  ? Words<Rest, Found | Line<First>>
  : Found | Line<Text>;
type Word<Text extends string> = Exclude<Words<Text>, ''>;

/** A reserved word. */
export type ReservedWord = Word<typeof RESERVED>;
/** A keyword that may also name things. */
export type UnreservedWord = Word<typeof UNRESERVED>;
/** A keyword only when `(` follows at once. */
export type CallWord = Word<typeof CALLS>;
/** Every keyword of the grammar. */
export type Keyword = ReservedWord | UnreservedWord | CallWord;

/** Names: quoted or plain, and every keyword that is not reserved. */
export const Identifier = createToken({ name: 'Identifier', pattern: Lexer.NA });

function category(name: string): TokenType {
  return createToken({ name, pattern: Lexer.NA });
}

/** Names of aggregate functions, as keywords. */
export const AggregateWord = category('AggregateWord');
/** Reserved words that are functions when `(` follows. */
export const FunctionWord = category('FunctionWord');
/** Functions that exist only with OVER. */
export const WindowWord = category('WindowWord');
/** Types of one word, such as BIGINT. */
export const TypeWord = category('TypeWord');
/** Units of time, reserved (DAY_HOUR) or not (DAY). */
export const UnitWord = category('UnitWord');
/** Words between SELECT and the select list; only DISTINCT means something here. */
export const SelectOption = category('SelectOption');
/** Operators between two operands that make a plain binary node. */
export const InfixOperator = category('InfixOperator');
/** Operators before an operand, but for NOT, which may not stand behind another operator. */
export const PrefixOperator = category('PrefixOperator');

const categoryWords: readonly (readonly [TokenType, string])[] = [
  [AggregateWord, 'AVG BIT_AND BIT_OR BIT_XOR COUNT GROUP_CONCAT MAX MIN STD STDDEV SUM VARIANCE'],
  [
    FunctionWord,
    `CHAR CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE IF INSERT LEFT LOCALTIME
    LOCALTIMESTAMP MOD REPEAT REPLACE RIGHT TIDB_CURRENT_TSO UTC_DATE UTC_TIME UTC_TIMESTAMP`,
  ],
  [
    WindowWord,
    `CUME_DIST DENSE_RANK FIRST_VALUE LAG LAST_VALUE LEAD NTH_VALUE NTILE PERCENT_RANK RANK
    ROW_NUMBER`,
  ],
  [
    TypeWord,
    `TINYINT SMALLINT MEDIUMINT INT BIGINT DECIMAL FLOAT DOUBLE REAL BIT BOOL BOOLEAN DATE TIME
    DATETIME TIMESTAMP YEAR CHAR VARCHAR BINARY VARBINARY TINYBLOB BLOB MEDIUMBLOB LONGBLOB TINYTEXT
    TEXT MEDIUMTEXT LONGTEXT JSON NCHAR NVARCHAR ENUM SET`,
  ],
  [
    UnitWord,
    `MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR SECOND_MICROSECOND
    MINUTE_MICROSECOND MINUTE_SECOND HOUR_MICROSECOND HOUR_SECOND HOUR_MINUTE DAY_MICROSECOND
    DAY_SECOND DAY_MINUTE DAY_HOUR YEAR_MONTH`,
  ],
  [
    SelectOption,
    `ALL DISTINCT HIGH_PRIORITY STRAIGHT_JOIN SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_CACHE
    SQL_CALC_FOUND_ROWS SQL_NO_CACHE SQL_SMALL_RESULT`,
  ],
  [InfixOperator, 'OR XOR AND DIV MOD'],
  [PrefixOperator, 'BINARY'],
];

function categoriesOf(word: string, unreserved: boolean): TokenType[] {
  const categories = categoryWords.filter(([, words]) => wordsOf(words).includes(word));
  return [...(unreserved ? [Identifier] : []), ...categories.map(([type]) => type)];
}

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Words spelled in two ways: the grammar knows the second spelling only. */
const SYNONYMS: readonly (readonly [string, Keyword])[] = [
  ['SCHEMA', 'DATABASE'],
  ['SCHEMAS', 'DATABASES'],
  ['INTEGER', 'INT'],
  ['INT4', 'INT'],
  ['INT8', 'BIGINT'],
  ['NUMERIC', 'DECIMAL'],
  ['RLIKE', 'REGEXP'],
  ['DISTINCTROW', 'DISTINCT'],
];

function buildTokenTypes(): Record<Keyword, TokenType> {
  const types = new Map<string, TokenType>();
  const add = (words: string, unreserved: boolean): void => {
    for (const word of wordsOf(words)) {
      const categories = categoriesOf(word, unreserved);
      types.set(word, createToken({ name: word, pattern: Lexer.NA, categories }));
    }
  };
  add(RESERVED, false);
  add(UNRESERVED, true);
  add(CALLS, false);
  return Object.fromEntries(types) as Record<Keyword, TokenType>;
}

/** The token type of each keyword. */
export const keyword: Readonly<Record<Keyword, TokenType>> = buildTokenTypes();

/** Reserved function names that need no parentheses. */
export const bareCalls: ReadonlySet<TokenType> = new Set([
  keyword.CURRENT_DATE,
  keyword.CURRENT_TIME,
  keyword.CURRENT_TIMESTAMP,
  keyword.CURRENT_USER,
  keyword.LOCALTIME,
  keyword.LOCALTIMESTAMP,
  keyword.TIDB_CURRENT_TSO,
  keyword.UTC_DATE,
  keyword.UTC_TIME,
  keyword.UTC_TIMESTAMP,
]);

function buildLookup(): ReadonlyMap<string, TokenType> {
  const lookup = new Map<string, TokenType>();
  for (const word of [...wordsOf(RESERVED), ...wordsOf(UNRESERVED)] as Keyword[]) {
    lookup.set(word, keyword[word]);
  }
  for (const [word, canonical] of SYNONYMS) lookup.set(word, keyword[canonical]);
  // Both common spellings are keys, so that most words are found without changing their case.
  for (const [word, type] of [...lookup]) lookup.set(word.toLowerCase(), type);
  return lookup;
}

const callWords: ReadonlySet<string> = new Set(wordsOf(CALLS));
const wordTypes = buildLookup();

/**
 * The token type of a bare word.
 *
 * @param word as written
 * @param beforeParenthesis whether `(` follows without a gap
 */
export function typeOfWord(word: string, beforeParenthesis: boolean): TokenType {
  const found = wordTypes.get(word) ?? wordTypes.get(word.toUpperCase());
  if (found !== undefined) return found;
  if (beforeParenthesis) {
    const upper = word.toUpperCase();
    if (callWords.has(upper)) return keyword[upper as CallWord];
  }
  return Identifier;
}

/** Whether an identifier must be quoted to be read back as one. */
export function needsQuotes(name: string): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return true;
  const type = typeOfWord(name, true);
  return type !== Identifier && !(type.CATEGORIES ?? []).includes(Identifier);
}

/** Every keyword token type and the categories over them: the vocabulary of the parser. */
export const keywordVocabulary: readonly TokenType[] = [
  Identifier,
  ...categoryWords.map(([type]) => type),
  ...wordsOf(`${RESERVED} ${UNRESERVED} ${CALLS}`).map((word) => keyword[word as Keyword]),
];
