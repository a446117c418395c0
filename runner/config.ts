import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CheckedYaml, readCheckedYaml, scalarSchema } from './checked-yaml.ts';
import { someText } from './scalar.ts';
import { SETTING_LIST, type Setting, type SettingName, type Settings } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Read from the current folder when no other file is asked for. */
export const DEFAULT_CONFIG = 'harness.config.yaml';

/** What a configuration file says. */
export interface FileSettings {
  /** Name of the case, if the file has one. */
  readonly case?: string;
  readonly settings: Settings;
}

type Block = Record<string, z.ZodType>;
type FileValue = Readonly<Record<string, unknown>> & { readonly case?: unknown };

const SCHEMA = z.strictObject(blockOfFile());

/** The top level: `case`, the settings without a section, and one block for each section. */
function blockOfFile(): Block {
  const sections = new Map<string, Block>();
  const top: Block = { case: scalarSchema(someText('the name of a case')).optional() };
  for (const [, setting] of SETTING_LIST) {
    const [first, second] = setting.key;
    if (second === undefined) top[first] = valueSchema(setting).optional();
    else sections.set(first, { ...sections.get(first), [second]: valueSchema(setting).optional() });
  }
  for (const [name, block] of sections) top[name] = z.strictObject(block).optional();
  return top;
}

function valueSchema(setting: Setting<unknown>): z.ZodType {
  const value = scalarSchema(setting.scalar);
  return setting.many ? z.array(value) : value;
}

/**
 * Reads a configuration. Throws a `UsageError` with one line `file:line:column path: …` for each
 * thing that is wrong.
 */
export function parseConfig(file: string, text: string): FileSettings {
  const { value }: CheckedYaml<FileValue> = readCheckedYaml(file, text, SCHEMA);
  const settings: Partial<Record<SettingName, unknown>> = {};
  for (const [name, { key }] of SETTING_LIST) {
    const [first, second] = key;
    const found = second === undefined ? value[first] : blockAt(value, first)[second];
    if (found !== undefined) settings[name] = found;
  }
  const { case: name } = value;
  // The schema was made from the same table as the type, so what passed it has that type.
  return { ...(typeof name === 'string' ? { case: name } : {}), settings: settings as Settings };
}

function blockAt(value: FileValue, section: string): Record<string, unknown> {
  return (value[section] ?? {}) as Record<string, unknown>;
}

/** Reads the file asked for, or the one in the current folder if there is one. */
export function loadConfig(asked: string | undefined): FileSettings {
  const file = asked ?? DEFAULT_CONFIG;
  if (!existsSync(file)) {
    if (asked === undefined) return { settings: {} };
    throw new UsageError(`--config: no file ${file}`);
  }
  return parseConfig(file, readFileSync(file, 'utf8'));
}
