import { writeFile } from 'node:fs/promises';
import { writeAtomically } from '../io/write-files.js';
import { type RunsReportOptions, runsReport } from './runs-report.js';
import { type TrainingReportOptions, trainingReport } from './training-report.js';

/**
 * Writes a chart, a page, or the page that the options describe to a file, atomically. Makes the folder if it
 * is missing.
 *
 * ```ts
 * await report.write('report.html', { history, model, data: [x, y] }); // see trainingReport
 * await report.write('both.html', { runs: ['a.html', 'b.html'] }); // see runsReport
 * await report.write('filters.svg', await report.filters(model.layers[1]));
 * ```
 *
 * @throws IO_ERROR; what trainingReport and runsReport throw
 */
export async function write(
  path: string,
  content: string | TrainingReportOptions | RunsReportOptions,
): Promise<void> {
  const text = typeof content === 'string' ? content : await pageOf(content);
  await writeAtomically(path, (temporary) => writeFile(temporary, text));
}

function pageOf(options: TrainingReportOptions | RunsReportOptions): Promise<string> {
  return 'runs' in options ? runsReport(options) : trainingReport(options);
}
