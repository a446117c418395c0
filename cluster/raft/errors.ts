/** Something that Raft rules out has happened: entries lost from a disk, two leaders in a term. */
export class RaftInvariantError extends Error {
  override readonly name = 'RaftInvariantError';
}
