import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the repository stands on this machine. */
export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'store', '.bench']);

/** Every file that belongs to the repository, from its root and with `/`, in order. */
export function repositoryFiles(): string[] {
  return walk('').sort((a, b) => (a < b ? -1 : 1));
}

/** The text of a file of the repository. */
export function repositoryText(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

function walk(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name) || entry.name.endsWith('.tgz')) return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}
