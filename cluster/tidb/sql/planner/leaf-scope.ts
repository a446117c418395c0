import type { ColumnInfo, TableInfo } from '../catalog.ts';
import type { TableEstimate } from './estimate.ts';
import type { ScopeColumn } from './scope.ts';

/** The columns of a table as a scope. */
export function leafScope(
  table: TableInfo,
  wanted: readonly number[],
  alias: string,
  estimate: TableEstimate,
): ScopeColumn[] {
  const database = table.database.toLowerCase();
  return wanted.map((offset) => {
    const { lowerName, type, hidden } = table.columns[offset] as ColumnInfo;
    return {
      database,
      table: alias,
      name: lowerName,
      type,
      hidden,
      shadowed: false,
      label: `${database}.${table.name.toLowerCase()}.${lowerName}`,
      distinct: estimate.distinct(offset),
    };
  });
}
