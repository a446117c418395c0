import { EXIT } from '../runner/exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C. Asked once, the run ends at its next step, is judged as far as it came, and everything is
 * written; asked twice, the process ends at once.
 */
export class Interrupt {
  asked = false;
  private readonly tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.tell = tell;
    for (const signal of SIGNALS) process.on(signal, this.handle);
  }

  /** Gives the signals their usual meaning back. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.handle);
  }

  private readonly handle = (): void => {
    if (this.asked) process.exit(EXIT.unknown);
    this.asked = true;
    this.tell('ending the run, and writing what there is (again: end at once)');
  };
}
