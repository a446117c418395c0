import type { Dictionary } from '../../dictionary.ts';
import type { Key, KeySpace } from '../../key.ts';
import type { Modify, MvccReader, WriteCursor } from '../../mvcc/engine.ts';
import type { Lock } from '../../mvcc/records.ts';
import { LockTable } from './lock-table.ts';
import { Tree, TreeCursor } from './tree.ts';

/**
 * The durable state of one store: locks, and a tree of write records per key space. TiKV keeps
 * values in the write family when they are short and in the default family when not; here every row
 * lives in the columns of its write record.
 */
export class Engine implements MvccReader {
  readonly locks = new LockTable();
  private readonly trees = new Map<number, Tree>();
  private readonly cursor = new TreeCursor();
  private readonly dictionary: Dictionary;

  constructor(dictionary: Dictionary) {
    this.dictionary = dictionary;
  }

  lock(key: Key): Lock | undefined {
    return this.locks.get(key);
  }

  writes(key: Key, maxTs: number): WriteCursor {
    this.cursor.seek(this.trees.get(key.space.id), key, maxTs);
    return this.cursor;
  }

  /** The tree of a space; made on first sight. */
  tree(space: KeySpace): Tree {
    let tree = this.trees.get(space.id);
    if (tree === undefined) {
      tree = new Tree(space, this.dictionary);
      this.trees.set(space.id, tree);
    }
    return tree;
  }

  /** The dictionary of the cluster, in which this engine's strings are coded. */
  get strings(): Dictionary {
    return this.dictionary;
  }

  /** Every tree, in order of creation. */
  allTrees(): IterableIterator<Tree> {
    return this.trees.values();
  }

  /** Applies one command. `released` hears of every lock that went away. */
  apply(modifies: readonly Modify[], released?: (lock: Lock) => void): void {
    for (const modify of modifies) {
      switch (modify.kind) {
        case 'put-lock':
          this.locks.put(modify.lock);
          break;
        case 'delete-lock': {
          const lock = this.locks.delete(modify.key);
          if (lock !== undefined) released?.(lock);
          break;
        }
        case 'put-write':
          this.tree(modify.key.space).put(modify.key, modify.write, modify.value);
          break;
        case 'delete-write':
          this.tree(modify.key.space).delete(modify.key, modify.commitTs);
          break;
      }
    }
  }
}
