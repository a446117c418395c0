import { renderHtml } from '../reports/html.ts';
import { renderJunit } from '../reports/junit.ts';
import type { RunReport } from './report.ts';
import { FILES, type RunFolder } from './run-folder.ts';
import { StoreError } from './store-error.ts';

/**
 * Renders a saved report into its folder. A rendering that fails is told, not thrown: the verdict
 * stands, and everything can be rendered again from `report.json`. A full disk is thrown.
 */
export function render(folder: RunFolder, report: RunReport, tell: (text: string) => void): void {
  const renderings = [
    [FILES.html, renderHtml],
    [FILES.junit, renderJunit],
  ] as const;
  for (const [file, toText] of renderings) {
    try {
      folder.write(file, toText(report));
    } catch (error) {
      if (error instanceof StoreError) throw error;
      tell(`${file} was not rendered: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
