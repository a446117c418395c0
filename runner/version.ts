import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../reports/template.ts';

/** The version of this package, as its package.json says. */
export function wavetankVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string };
  return version;
}

/** What a run was made with: another version may behave differently on the same seed. */
export function versions(): { readonly wavetank: string; readonly node: string } {
  return { wavetank: wavetankVersion(), node: process.version };
}
