/** What a person should read for the failures that really occur. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EACCES', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EMFILE', 'too many open files'],
]);

/** The run folder could not be written or read. One clear line, exit code 5, no stack. */
export class StoreError extends Error {
  constructor(path: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const why = MEANINGS.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
    super(`cannot write ${path}: ${why}`, { cause });
    this.name = 'StoreError';
  }

  /** Runs a file operation; whatever it throws becomes a `StoreError` about `path`. */
  static guard<T>(path: string, operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw new StoreError(path, error);
    }
  }
}
