import { type Process, sleep, type Wait } from '../../sim/index.ts';
import type { ActionSetting } from './action-setting.ts';
import { LABEL_GLOBAL_STORAGE } from './labels.ts';
import { Tracker } from './tracker.ts';

/** A file of rows that did not fit into memory. */
export interface TmpFile {
  readonly name: string;
  /** Bytes written so far. */
  bytes: number;
  /** With what was written to it last, the node's files came to their quota or beyond. */
  beyond: boolean;
}

/** Where operators get files from, write them and read them. */
export interface FileSource {
  /** Makes a file; `prefix` begins its name. */
  create(prefix: string): TmpFile;
  /** Takes the time that writing so many bytes to the end of a file takes. */
  append(file: TmpFile, bytes: number): Wait<void>;
  /** Takes the time that reading so many bytes takes. */
  transfer(bytes: number): Wait<void>;
  remove(file: TmpFile): void;
}

/** What a node's temporary storage is like. */
export interface TmpStorageOptions {
  /** `tmp-storage-quota`, bytes; -1 is none. */
  readonly quota: number;
  /** Writing or reading so many bytes takes a microsecond. */
  readonly bytesPerUs: number;
}

/**
 * `tmp-storage-path` of one node: files that operators spill to. They end with the process, as
 * TiDB deletes at start what it finds there. Source: TiDB `util/disk`.
 */
export class TmpStorage implements FileSource {
  readonly tracker: Tracker;
  private readonly process: Process;
  private readonly options: TmpStorageOptions;
  private readonly open = new Set<TmpFile>();
  private created = 0;

  constructor(process: Process, setting: ActionSetting, options: TmpStorageOptions) {
    this.process = process;
    this.options = options;
    this.tracker = new Tracker(LABEL_GLOBAL_STORAGE, options.quota, setting);
  }

  /** The files there are. */
  get files(): readonly TmpFile[] {
    return [...this.open];
  }

  create(prefix: string): TmpFile {
    const file = { name: `${prefix}${++this.created}`, bytes: 0, beyond: false };
    this.open.add(file);
    return file;
  }

  *append(file: TmpFile, bytes: number): Wait<void> {
    file.bytes += bytes;
    yield* this.transfer(bytes);
    const { quota } = this.options;
    // It is charged next.
    file.beyond = quota > 0 && this.tracker.consumed + bytes >= quota;
  }

  *transfer(bytes: number): Wait<void> {
    const us = Math.ceil(bytes / this.options.bytesPerUs);
    if (us > 0) yield* sleep(this.process, us);
  }

  remove(file: TmpFile): void {
    this.open.delete(file);
  }
}

/**
 * The files of one statement, on its node's storage: what is open when it has ended is left behind
 * by it, and by nobody else. That nothing is charged does not tell: a file is charged only after it
 * has been written to.
 */
export class StatementFiles implements FileSource {
  private readonly storage: TmpStorage;
  private readonly files = new Set<TmpFile>();
  /** Writes to files whose last one had come to the node's quota; none is right. */
  lateWrites = 0;

  constructor(storage: TmpStorage) {
    this.storage = storage;
  }

  /** How many there are now. */
  get count(): number {
    return this.files.size;
  }

  create(prefix: string): TmpFile {
    const file = this.storage.create(prefix);
    this.files.add(file);
    return file;
  }

  append(file: TmpFile, bytes: number): Wait<void> {
    if (file.beyond) this.lateWrites++;
    return this.storage.append(file, bytes);
  }

  transfer(bytes: number): Wait<void> {
    return this.storage.transfer(bytes);
  }

  remove(file: TmpFile): void {
    this.files.delete(file);
    this.storage.remove(file);
  }
}
