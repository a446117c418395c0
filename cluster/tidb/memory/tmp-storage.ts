import { type Process, sleep, type Wait } from '../../sim/index.ts';
import type { ActionSetting } from './action-setting.ts';
import { LABEL_GLOBAL_STORAGE } from './labels.ts';
import { Tracker } from './tracker.ts';

/** A file of rows that did not fit into memory. */
export interface TmpFile {
  readonly name: string;
  /** Bytes written so far. */
  bytes: number;
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
export class TmpStorage {
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

  /** Makes a file; `prefix` begins its name. */
  create(prefix: string): TmpFile {
    const file = { name: `${prefix}${++this.created}`, bytes: 0 };
    this.open.add(file);
    return file;
  }

  /** Takes the time that writing so many bytes to the end of a file takes. */
  *append(file: TmpFile, bytes: number): Wait<void> {
    file.bytes += bytes;
    yield* this.transfer(bytes);
  }

  /** Takes the time that reading so many bytes takes. */
  *transfer(bytes: number): Wait<void> {
    const us = Math.ceil(bytes / this.options.bytesPerUs);
    if (us > 0) yield* sleep(this.process, us);
  }

  remove(file: TmpFile): void {
    this.open.delete(file);
  }
}
