import { StringOrder } from './string-order.ts';

/** Strings by code, in order of first appearance. One per cluster: codes compare across nodes. */
export class Dictionary {
  private readonly codes = new Map<string, number>();
  readonly strings: string[] = [];
  /** The order of the strings, as numbers. */
  readonly order = new StringOrder(this.strings);

  /** The code of `text`, given on first sight. */
  code(text: string): number {
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.strings.length;
      this.codes.set(text, code);
      this.strings.push(text);
    }
    return code;
  }

  /**
   * The code of `text` if it was ever stored, else -1: equality with anything stored is then false.
   */
  find(text: string): number {
    return this.codes.get(text) ?? -1;
  }
}
