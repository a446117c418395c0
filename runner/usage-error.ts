/**
 * Something the user asked for that cannot be done as asked. The command line prints its lines as
 * they are, without a stack, and ends with exit code 2.
 */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
