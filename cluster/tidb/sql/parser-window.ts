import type {
  Expression,
  FrameBound,
  NamedWindow,
  OrderItem,
  WindowCall,
  WindowFrame,
  WindowSpecification,
} from './ast.ts';
import { keyword, UnitWord, WindowWord } from './keywords.ts';
import type { Rule } from './parser-base.ts';
import { TypeParser } from './parser-type.ts';
import { AnyLiteral, symbol } from './tokens.ts';

const CURRENT_ROW: FrameBound = { side: 'current-row', distance: undefined };

/** OVER, WINDOW and the frames of windows. */
export abstract class WindowParser extends TypeParser {
  abstract readonly parameter: Rule<Expression>;

  /** `RANK() [FROM FIRST|LAST] [RESPECT|IGNORE NULLS] OVER …`: what exists only with OVER. */
  readonly windowFunction: Rule<Expression> = this.RULE('windowFunction', (): Expression => {
    const name = this.CONSUME(WindowWord).tokenType.name;
    const args = this.SUBRULE(this.tuple);
    const fromLast = this.OPTION(() => this.SUBRULE(this.fromEnd)) ?? false;
    const ignoreNulls = this.OPTION2(() => this.SUBRULE(this.nullTreatment)) ?? false;
    const over = this.SUBRULE(this.over);
    const call = { kind: 'function', name, args } as const;
    return { kind: 'window', call, fromLast, ignoreNulls, over };
  });

  /** `OVER name` or `OVER (…)`. */
  readonly over: Rule<WindowCall['over']> = this.RULE('over', () => {
    this.CONSUME(keyword.OVER);
    return this.OR<WindowCall['over']>([
      { ALT: () => this.SUBRULE(this.windowSpecification) },
      { ALT: () => this.SUBRULE(this.identifier) },
    ]);
  });

  /** FROM FIRST (false) or FROM LAST (true). */
  readonly fromEnd: Rule<boolean> = this.RULE('fromEnd', () => {
    this.CONSUME(keyword.FROM);
    return this.OR([
      { ALT: () => this.meaning(this.CONSUME(keyword.FIRST), false) },
      { ALT: () => this.meaning(this.CONSUME(keyword.LAST), true) },
    ]);
  });

  /** RESPECT NULLS (false) or IGNORE NULLS (true). */
  readonly nullTreatment: Rule<boolean> = this.RULE('nullTreatment', () => {
    const ignores = this.OR([
      { ALT: () => this.meaning(this.CONSUME(keyword.RESPECT), false) },
      { ALT: () => this.meaning(this.CONSUME(keyword.IGNORE), true) },
    ]);
    this.CONSUME(keyword.NULLS);
    return ignores;
  });

  /** `WINDOW a AS (…), …`. */
  readonly windowClause: Rule<NamedWindow[]> = this.RULE('windowClause', () => {
    const windows: NamedWindow[] = [];
    this.CONSUME(keyword.WINDOW);
    this.AT_LEAST_ONE_SEP({
      SEP: symbol.comma,
      DEF: () => {
        const name = this.SUBRULE(this.identifier);
        this.CONSUME(keyword.AS);
        windows.push({ name, specification: this.SUBRULE(this.windowSpecification) });
      },
    });
    return windows;
  });

  /** `([base] [PARTITION BY …] [ORDER BY …] [frame])`; pinned, because it shapes the plan. */
  readonly windowSpecification: Rule<WindowSpecification> = this.RULE(
    'windowSpecification',
    (): WindowSpecification => {
      this.CONSUME(symbol.leftParenthesis);
      const base = this.OPTION(() => this.SUBRULE(this.identifier));
      const partitionBy = this.OPTION2(() => this.SUBRULE(this.partitionBy)) ?? [];
      const orderBy: readonly OrderItem[] = this.OPTION3(() => this.SUBRULE(this.orderBy)) ?? [];
      const frame = this.OPTION4(() => this.SUBRULE(this.windowFrame));
      this.CONSUME(symbol.rightParenthesis);
      return { base, partitionBy, orderBy, frame };
    },
  );

  /** `PARTITION BY a, b`. */
  readonly partitionBy: Rule<Expression[]> = this.RULE('partitionBy', () => {
    this.CONSUME(keyword.PARTITION);
    this.CONSUME(keyword.BY);
    return this.pinned(() => this.SUBRULE(this.expressions));
  });

  /** `ROWS …` or `RANGE …`: between two bounds, or from one to the current row. */
  readonly windowFrame: Rule<WindowFrame> = this.RULE('windowFrame', (): WindowFrame => {
    const unit = this.OR<WindowFrame['unit']>([
      { ALT: () => this.meaning(this.CONSUME(keyword.ROWS), 'ROWS') },
      { ALT: () => this.meaning(this.CONSUME(keyword.RANGE), 'RANGE') },
      { ALT: () => this.meaning(this.CONSUME(keyword.GROUPS), 'GROUPS') },
    ]);
    return this.OR2<WindowFrame>([
      {
        ALT: () => {
          this.CONSUME(keyword.BETWEEN);
          const start = this.SUBRULE(this.frameBound);
          this.CONSUME(keyword.AND);
          return { unit, start, end: this.SUBRULE2(this.frameBound) };
        },
      },
      { ALT: () => ({ unit, start: this.SUBRULE3(this.frameBound), end: CURRENT_ROW }) },
    ]);
  });

  /** One end of a frame. */
  readonly frameBound: Rule<FrameBound> = this.RULE('frameBound', (): FrameBound => {
    return this.OR<FrameBound>([
      {
        ALT: () => {
          this.CONSUME(keyword.CURRENT);
          this.CONSUME(keyword.ROW);
          return CURRENT_ROW;
        },
      },
      {
        ALT: () => {
          const distance = this.OR2<Expression | undefined>([
            { ALT: () => this.meaning(this.CONSUME(keyword.UNBOUNDED), undefined) },
            { ALT: () => this.SUBRULE(this.frameDistance) },
          ]);
          const side = this.OR3<FrameBound['side']>([
            { ALT: () => this.meaning(this.CONSUME(keyword.PRECEDING), 'preceding') },
            { ALT: () => this.meaning(this.CONSUME(keyword.FOLLOWING), 'following') },
          ]);
          return { side, distance };
        },
      },
    ]);
  });

  /** A number, a parameter, or `INTERVAL value unit`. */
  readonly frameDistance: Rule<Expression> = this.RULE('frameDistance', (): Expression => {
    return this.pinned(() =>
      this.OR<Expression>([
        {
          ALT: () => {
            this.CONSUME(keyword.INTERVAL);
            const value = this.SUBRULE(this.expression);
            return { kind: 'interval', value, unit: this.CONSUME(UnitWord).tokenType.name };
          },
        },
        { ALT: () => this.literalNode(this.CONSUME(AnyLiteral)) },
        { ALT: () => this.SUBRULE(this.parameter) },
      ]),
    );
  });
}
