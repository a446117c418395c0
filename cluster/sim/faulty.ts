/**
 * Something physical that can be made to misbehave: a directed link, a node's clock, its disk.
 *
 * Faults are laid on by name and taken off by name. Several may lie on one thing at once, of one
 * kind or of several, and taking one off leaves the others as they are; with the last one gone the
 * thing behaves as if it had never been touched, down to its next draw of chance.
 */
export interface Faulty<F> {
  /** Lays a fault on, from now. Throws if one of that name is in force already: a bug of ours. */
  impose(label: string, fault: F): void;
  /** Takes a fault off. Throws if none of that name is in force. */
  lift(label: string): void;
  /** What is in force now, in the order in which it was laid on. */
  readonly inForce: readonly FaultInForce<F>[];
}

/** A fault that lies on something now. */
export interface FaultInForce<F> {
  /** Its name: unique on the thing it lies on, and the key of its stream of chances. */
  readonly label: string;
  readonly fault: F;
  /** How often it has struck so far: packets lost or held, reads of a skewed clock, slow syncs. */
  readonly hits: number;
}

/** Adds a fault to those in force; gives a new list. */
export function withFault<T extends { readonly label: string }>(
  inForce: readonly T[],
  fault: T,
): readonly T[] {
  if (inForce.some(({ label }) => label === fault.label)) {
    throw new Error(`fault "${fault.label}" is in force already`);
  }
  return [...inForce, fault];
}

/** Takes the fault of that name out of those in force; gives a new list. */
export function withoutFault<T extends { readonly label: string }>(
  inForce: readonly T[],
  label: string,
): readonly T[] {
  const rest = inForce.filter((fault) => fault.label !== label);
  if (rest.length === inForce.length) throw new Error(`fault "${label}" is not in force`);
  return rest;
}
