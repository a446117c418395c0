import { Socket } from 'node:net';
import { EXIT } from '../runner/exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C. Asked once, the run ends at its next step, is judged as far as it came, and everything is
 * written; asked twice, the process ends at once. A run that is tied to the process that started it
 * (a worker of a soak) is asked by the death of that process too, which closes its standard input.
 */
export class Interrupt {
  asked = false;
  private readonly tell: (text: string) => void;

  constructor(tell: (text: string) => void, tied = false) {
    this.tell = tell;
    for (const signal of SIGNALS) process.on(signal, this.handle);
    if (tied) this.watchInput();
  }

  /** Gives the signals their usual meaning back. */
  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.handle);
  }

  /** A pipe that is only watched must not keep the process alive. */
  private watchInput(): void {
    const { stdin } = process;
    stdin.once('end', this.handle).resume();
    if (stdin instanceof Socket) stdin.unref();
  }

  private readonly handle = (): void => {
    if (this.asked) process.exit(EXIT.unknown);
    this.asked = true;
    this.tell('ending the run, and writing what there is (again: end at once)');
  };
}
