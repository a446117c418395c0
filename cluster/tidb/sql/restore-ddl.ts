/** CREATE, DROP, ALTER as text. */
import type {
  ColumnDefinition,
  ColumnPosition,
  CreateTable,
  DefinitionOption,
  IndexDefinition,
  TableChange,
} from './ast.ts';
import { Level } from './precedence.ts';
import {
  restoreExpression,
  restoreName,
  restoreString,
  restoreType,
} from './restore-expression.ts';
import { type Restorer, restoreTableName } from './restore-query.ts';

/** CREATE TABLE. */
export function restoreCreateTable(restorer: Restorer, node: CreateTable): string {
  const head =
    `CREATE ${node.temporary ? 'TEMPORARY ' : ''}TABLE ` +
    `${node.ifNotExists ? 'IF NOT EXISTS ' : ''}${restoreTableName(node.table)}`;
  if (node.like !== undefined) return `${head} LIKE ${restoreTableName(node.like)}`;
  const elements = [
    ...node.columns.map((column) => restoreColumn(restorer, column)),
    ...node.indexes.map(restoreIndex),
  ];
  return `${head} (${elements.join(', ')})${restoreOptions(node.options)}`;
}

/** ` ENGINE = 'InnoDB' …`, or nothing. */
export function restoreOptions(options: readonly DefinitionOption[]): string {
  return options.map((option) => ` ${restoreOption(option)}`).join('');
}

function restoreOption({ name, value }: DefinitionOption): string {
  return `${name} = ${/^\d+$/.test(value) ? value : restoreString(value)}`;
}

function restoreColumn(restorer: Restorer, column: ColumnDefinition): string {
  const parts = [restoreName(column.name), restoreType(column.type)];
  if (column.nullable !== undefined) parts.push(column.nullable ? 'NULL' : 'NOT NULL');
  if (column.defaultValue !== undefined) {
    parts.push('DEFAULT', restoreExpression(restorer, column.defaultValue, Level.prefix));
  }
  if (column.onUpdate !== undefined) {
    parts.push('ON UPDATE', restoreExpression(restorer, column.onUpdate, Level.prefix));
  }
  if (column.autoIncrement) parts.push('AUTO_INCREMENT');
  if (column.autoRandomBits !== undefined) parts.push(`AUTO_RANDOM(${column.autoRandomBits})`);
  if (column.unique) parts.push('UNIQUE');
  if (column.primaryKey) parts.push(`PRIMARY KEY${clustering(column.clustered)}`);
  if (column.comment !== undefined) parts.push(`COMMENT ${restoreString(column.comment)}`);
  return parts.join(' ');
}

function clustering(clustered: boolean | undefined): string {
  if (clustered === undefined) return '';
  return clustered ? ' CLUSTERED' : ' NONCLUSTERED';
}

const indexWords = { primary: 'PRIMARY KEY', unique: 'UNIQUE KEY', index: 'KEY' } as const;

function restoreIndex(index: IndexDefinition): string {
  const name = index.name === undefined ? '' : ` ${restoreName(index.name)}`;
  return indexWords[index.type] + name + restoreIndexParts(index);
}

/** ` (parts) options`. */
export function restoreIndexParts(index: IndexDefinition): string {
  const parts = index.parts.map(({ column, length, descending }) => {
    const prefix = length === undefined ? '' : `(${length})`;
    return restoreName(column) + prefix + (descending ? ' DESC' : '');
  });
  const comment = index.comment === undefined ? '' : ` COMMENT ${restoreString(index.comment)}`;
  return ` (${parts.join(', ')})${clustering(index.clustered)}${comment}`;
}

/** One change of ALTER TABLE. */
export function restoreChange(restorer: Restorer, change: TableChange): string {
  switch (change.change) {
    case 'add-column':
      return `ADD COLUMN ${restoreColumn(restorer, change.column)}${positionOf(change.position)}`;
    case 'drop-column':
      return `DROP COLUMN ${restoreName(change.name)}`;
    case 'modify-column':
      return `CHANGE COLUMN ${restoreName(change.from)} ${restoreColumn(restorer, change.column)}`;
    case 'add-index':
      return `ADD ${restoreIndex(change.index)}`;
    case 'drop-index':
      return `DROP INDEX ${restoreName(change.name)}`;
    case 'drop-primary-key':
      return 'DROP PRIMARY KEY';
    case 'rename-table':
      return `RENAME TO ${restoreTableName(change.to)}`;
    case 'set-option':
      return restoreOption(change.option);
    case 'set-tiflash-replica':
      return `SET TIFLASH REPLICA ${change.count}`;
  }
}

function positionOf(position: ColumnPosition): string {
  if (position.place === 'last') return '';
  return position.place === 'first' ? ' FIRST' : ` AFTER ${restoreName(position.column)}`;
}
