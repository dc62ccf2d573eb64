import { OptionChecks, show } from '../options.js';
import { escapeText } from './escape.js';
import { PAGE_STYLE } from './page-style.js';

/** Options of {@link page}. */
export interface PageOptions {
  /** The heading. */
  title: string;
  /** The SVG texts of lineChart, filters, featureMaps and gradCam, drawn below each other. */
  figures: readonly string[];
}

/**
 * Puts figures on a page: an HTML file that needs no other file.
 *
 * @throws INVALID_ARGUMENT; UNKNOWN_OPTION
 */
export async function page(options: PageOptions): Promise<string> {
  const checks = new OptionChecks('report.page');
  checks.keys(options, ['title', 'figures']);
  return htmlPage(options.title, drawFigures(checks, options.figures));
}

/** A complete HTML page that runs no code and loads nothing. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeText(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>${escapeText(title)}</h1>
${body}
</body>
</html>
`;
}

/** Wraps the figures in HTML. Throws INVALID_ARGUMENT unless they are a list of SVG texts. */
export function drawFigures(checks: OptionChecks, figures: readonly string[]): string {
  if (!Array.isArray(figures) || !figures.every((svg) => typeof svg === 'string' && svg.startsWith('<svg'))) {
    checks.fail(
      'INVALID_ARGUMENT',
      `figures is ${show(figures)}; it must be a list of the SVG texts of report.filters, featureMaps or lineChart: await them first.`,
    );
  }
  return figures.map((svg) => `<figure>\n${svg}\n</figure>`).join('\n');
}
