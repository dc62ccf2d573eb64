// Writes docs/reference/ops.md, the reference of ops, from their contracts in lib/program/contracts. Run by
// npm run docs.
import { readFileSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../lib/program/contracts/', import.meta.url);

const HEAD = `# Ops of programs

\`convforge explain --program model.json\` prints the program of a model: nodes, each with an op,
attributes and parameters. This page says what each op means. It is made from lib/program/contracts.
Shapes leave the batch out. Values are row-major, with channels last.
`;

const read = (name) => readFileSync(new URL(`${name}.ts`, FOLDER), 'utf8');

const ops = [...read('list').matchAll(/export \{ (\w+) \} from '\.\/([\w-]+)\.js';/g)];
const sections = ops.map(([, op, file]) => sectionOf(op, read(file)));
const random = docBefore(read('random-source'), 'export interface RandomSource');
sections.push(`## Random words\n\n${random}\n`);
writeFileSync(new URL('../docs/reference/ops.md', import.meta.url), `${HEAD}\n${sections.join('\n')}`);
console.log(`docs/reference/ops.md tells of ${ops.length} ops`);

function sectionOf(op, text) {
  const interfaces = interfacesOf(text);
  const parts = [`## ${op}`, docBefore(text, `export const ${op}:`)];
  for (const { name, doc, members } of interfaces) {
    if (!name.endsWith('Attributes') || interfaces.length > 1) parts.push(doc);
    if (members.length > 0) parts.push(members.map(memberLine).join('\n'));
  }
  const parameters = /parameters: \{([^}]*)\}/.exec(text)?.[1] ?? '';
  const names = [...parameters.matchAll(/(\w+): '(\w+)'/g)].map(
    ([, name, presence]) => `\`${name}\`${presence === 'optional' ? ' (may be missing)' : ''}`,
  );
  if (names.length > 0) parts.push(`Parameters: ${names.join(', ')}.`);
  return `${parts.join('\n\n')}\n`;
}

/** The exported interfaces of a contract's file, with the members of those that they extend. */
function interfacesOf(text) {
  const found = text.matchAll(/export interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\n\}/g);
  return [...found].map(([whole, name, base, body]) => {
    const doc = docBefore(text, whole.slice(0, whole.indexOf('{')).trim());
    return { name, doc, members: [...membersOf(body), ...(base ? inherited(text, base) : [])] };
  });
}

function inherited(text, base) {
  const file = new RegExp(`\\b${base}\\b[^;]*\\} from '\\./([\\w-]+)\\.js'`).exec(text)?.[1];
  if (!file) throw new Error(`${base} is imported from nowhere`);
  return interfacesOf(read(file)).find(({ name }) => name === base).members;
}

function membersOf(body) {
  return [...body.matchAll(/(?: {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)? {2}(\w+)(\??):\s*([^;]*);/g)].map(
    ([, doc = '', name, optional, type]) => ({
      name,
      type: type.replace(/\s+/g, ' ').replace(/^\| /, ''),
      doc: plain(doc),
      optional: optional === '?',
    }),
  );
}

function memberLine({ name, type, doc, optional }) {
  const begins = doc.startsWith('- ') ? `\n${doc}` : doc && ` ${doc}`;
  const text = begins.replaceAll('\n', '\n  ');
  return `- \`${name}\` (\`${type}\`${optional ? ', optional' : ''})${text && `:${text}`}`;
}

function docBefore(text, declaration) {
  const [before] = text.split(declaration);
  const doc = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(before);
  if (!doc) throw new Error(`'${declaration}' has no text`);
  return plain(doc[1]);
}

/** A doc comment without its stars. */
function plain(doc) {
  return doc.replace(/^[ \t]*\* ?/gm, '').trim();
}
