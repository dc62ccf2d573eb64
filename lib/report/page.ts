import { OptionChecks, show } from '../options.js';
import { escapeText } from './escape.js';
import { PAGE_SCRIPT, SCRIPT_HASH } from './page-script.js';
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
  checkFigures(checks, options.figures);
  const figures = options.figures.map((svg) => `<figure>\n${svg}\n</figure>`);
  return htmlPage(options.title, figures.join('\n'), { hasScript: false });
}

/** What a page has beside its content. */
export interface PageParts {
  /** Whether the page has the script for its charts. Default true. */
  hasScript?: boolean;
  /** HTML above the content, which stays when the content is replaced. */
  top?: string;
  /** Whether the page may connect to the server that it came from. */
  isServed?: boolean;
}

/** A complete HTML page that loads nothing, and runs no code but the script for its charts. */
export function htmlPage(
  title: string,
  body: string,
  { hasScript = true, top = '', isServed = false }: PageParts = {},
): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:" +
    (hasScript ? `; script-src '${SCRIPT_HASH}'` : '') +
    (isServed ? "; connect-src 'self'" : '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeText(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${escapeText(title)}</h1>
${top}
<div id="content">
${body}
</div>
</main>
${hasScript ? `<script>${PAGE_SCRIPT}</script>` : ''}
</body>
</html>
`;
}

/** Throws INVALID_ARGUMENT unless the figures are a list of SVG texts. */
export function checkFigures(checks: OptionChecks, figures: readonly string[]): void {
  if (!Array.isArray(figures) || !figures.every((svg) => typeof svg === 'string' && svg.startsWith('<svg'))) {
    checks.fail(
      'INVALID_ARGUMENT',
      `figures is ${show(figures)}; it must be a list of the SVG texts of report.filters, featureMaps or lineChart: await them first.`,
    );
  }
}
