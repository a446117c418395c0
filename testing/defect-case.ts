import type { BugName, Bugs } from '../cluster/bugs.ts';

/** A seeded defect, and a course of events that ends otherwise with it. */
export interface DefectCase {
  readonly bug: BugName;
  readonly title: string;
  /** What is seen at the end; `sound` without the defect, `broken` with it. */
  readonly act: (bugs: Bugs) => unknown;
  readonly sound: unknown;
  readonly broken: unknown;
}
