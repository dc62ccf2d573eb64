import { existsSync, readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConvforgeError } from '../errors.js';

/** Where an addon is looked for, and what is there. */
interface Place {
  file: string;
  isThere: boolean;
}

/**
 * The error for an addon that wasn't found or can't be loaded. It lists the files that were looked for, names
 * the platform, and says what to do.
 *
 * @param root The package's folder.
 * @param cause What the loader threw.
 */
export function addonUnavailable(root: string, cause: Error): ConvforgeError {
  const places = placesOf(root);
  const wasFound = places.some(({ isThere }) => isThere);
  const problem = wasFound
    ? `The native addon can't be loaded on ${describePlatform()}: ${cause.message.trim()}`
    : `There is no native addon for ${describePlatform()}.`;
  return new ConvforgeError(
    'ADDON_UNAVAILABLE',
    [
      problem,
      'Looked for:',
      ...places.map(({ file, isThere }) => `  ${file} (${isThere ? 'is there' : 'not there'})`),
      ...otherPrebuilds(root),
      'Build it from source with "npx convforge build", which says what it needs, or use the slow engine in plain ' +
        "TypeScript: setEngine('reference').",
    ].join('\n'),
    { cause },
  );
}

/** "linux-x64, glibc 2.36, Node 20.20.2". The C library is named on Linux alone. */
export function describePlatform(): string {
  const libc = process.platform === 'linux' ? [describeLibc()] : [];
  return [`${process.platform}-${os.arch()}`, ...libc, describeRuntime()].join(', ');
}

function describeRuntime(): string {
  const { bun, deno, electron, node } = process.versions;
  const host = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : electron ? `Electron ${electron}` : undefined;
  return host === undefined ? `Node ${node}` : `${host} (Node ${node})`;
}

/** The C library of this process: "glibc 2.36" or "musl". Takes some milliseconds. */
function describeLibc(): string {
  const version = glibcVersion();
  return version === undefined ? 'musl' : `glibc ${version}`.trim();
}

/** Glibc's version, '' if only its name is known, or undefined on musl. */
function glibcVersion(): string | undefined {
  if (existsSync('/etc/alpine-release')) return undefined;
  // Bun and Deno may have no reports.
  const report = process.report?.getReport?.() as { header?: { glibcVersionRuntime?: string } } | undefined;
  if (report?.header === undefined) return '';
  return report.header.glibcVersionRuntime;
}

/** In the order in which node-gyp-build takes them. */
function placesOf(root: string): Place[] {
  const prebuilds = path.join(root, 'prebuilds', `${process.platform}-${os.arch()}`);
  const libc = process.env.LIBC || (existsSync('/etc/alpine-release') ? 'musl' : 'glibc');
  const prebuild = process.platform === 'linux' ? `convforge.${libc}.node` : 'convforge.node';
  return [
    path.join(root, 'build', 'Release', 'convforge.node'),
    path.join(root, 'build', 'Debug', 'convforge.node'),
    path.join(prebuilds, prebuild),
  ].map((file) => ({ file, isThere: existsSync(file) }));
}

/** A line that names the platforms with a prebuilt addon. */
function otherPrebuilds(root: string): string[] {
  const folder = path.join(root, 'prebuilds');
  if (!existsSync(folder))
    return [
      `There is no folder ${folder}: this is a clone, a package without binaries, or a copy for deployment that ` +
        'left them out (docs/deploying.md).',
    ];
  return [`Prebuilt for: ${readdirSync(folder).sort().join(', ')}`];
}
