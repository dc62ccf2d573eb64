// Writes what programs can name of the package: exports, members of classes and interfaces, and their types, a line each. It needs this
// workspace's TypeScript, since version 7 has no API. test/surface/public-api.txt is what it wrote last.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const root = path('../..');
const LIB = dirname(path('../../lib/index.ts')).replaceAll('\\', '/');
const { config } = ts.readConfigFile(path('../../tsconfig.build.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram([path('../../lib/index.ts')], options);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

const TYPE_FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;

/** The shortest name of each exported symbol, and its symbol by name. */
const names = new Map();
const entries = [];

const index = program.getSourceFile(path('../../lib/index.ts'));
collect(checker.getSymbolAtLocation(index), '');
entries.sort((a, b) => compare(a.name, b.name));
const lines = entries.flatMap(({ name, symbol }) => describe(name, symbol));
process.stdout.write(`${lines.join('\n')}\n`);

/** Those of namespaces come last, so that `conv2d` is told before `ops.conv2d`. */
function collect(module, prefix) {
  const exported = checker
    .getExportsOfModule(module)
    .filter((symbol) => !isInternal(resolve(symbol)))
    .sort((a, b) => compare(a.name, b.name));
  const inner = [];
  for (const each of exported) {
    const symbol = resolve(each);
    const name = prefix + each.name;
    entries.push({ name, symbol });
    if (names.has(symbol)) continue;
    names.set(symbol, name);
    if (symbol.flags & ts.SymbolFlags.ValueModule) inner.push([symbol, name]);
  }
  for (const [symbol, name] of inner) collect(symbol, `${name}.`);
}

function describe(name, symbol) {
  const known = names.get(symbol);
  if (known !== name) return [`${name} = ${known}`];
  const lines = [];
  const { flags } = symbol;
  if (flags & ts.SymbolFlags.ValueModule) lines.push(`namespace ${name}`);
  if (flags & ts.SymbolFlags.Function) lines.push(...describeCalls(`function ${name}`, symbol));
  if (flags & ts.SymbolFlags.Class) lines.push(...describeClass(name, symbol));
  if (flags & ts.SymbolFlags.Interface && !isEmptyPart(symbol))
    lines.push(...describeInterface(name, symbol));
  if (flags & ts.SymbolFlags.TypeAlias) lines.push(describeAlias(name, symbol));
  if (flags & ts.SymbolFlags.Variable) lines.push(`const ${name}: ${typeOf(symbol)}`);
  if (lines.length === 0) throw new Error(`${name} is of a kind that isn't described.`);
  return lines;
}

/** Whether it is a class's interface that only adds the fields of another type to it. */
function isEmptyPart({ flags, declarations }) {
  const parts = declarations.filter(ts.isInterfaceDeclaration);
  return flags & ts.SymbolFlags.Class && parts.every(({ members }) => members.length === 0);
}

function describeClass(name, symbol) {
  const type = checker.getTypeOfSymbol(symbol);
  const instance = checker.getDeclaredTypeOfSymbol(symbol);
  const declaration = symbol.declarations.find(ts.isClassDeclaration);
  const isAbstract = hasModifier(declaration, ts.SyntaxKind.AbstractKeyword);
  const constructors = type
    .getConstructSignatures()
    .filter((signature) => !isInternalSignature(signature) && isToldHere(signature.declaration, symbol))
    .map((signature) => `  constructor(${parametersOf(signature)})`);
  const statics = membersOf(type, symbol).filter((member) => member.name !== 'prototype');
  const bases = checker.getBaseTypes(instance);
  const staticBases = bases.flatMap((base) => (base.symbol ? [checker.getTypeOfSymbol(base.symbol)] : []));
  return [
    `${isAbstract ? 'abstract ' : ''}class ${name}${typeParametersOf(declaration)}${heritage(symbol)}`,
    ...constructors,
    ...statics.flatMap((member) => describeUnlessInherited(member, staticBases, 'static ')),
    ...membersOf(instance, symbol).flatMap((member) => describeUnlessInherited(member, bases)),
  ];
}

/** Nothing of a member that overrides one of the same type. */
function describeUnlessInherited(member, bases, prefix) {
  const lines = describeMember(member, prefix);
  const inherited = bases.flatMap((base) => base.getProperty(member.name) ?? []);
  const isAlike = inherited.some(
    (other) => isTold(other) && describeMember(other, prefix).join() === lines.join(),
  );
  return isAlike ? [] : lines;
}

/** Whether an exported class or interface declares it. */
function isTold(member) {
  const [{ parent }] = member.declarations;
  return parent.name !== undefined && names.has(checker.getSymbolAtLocation(parent.name));
}

function describeInterface(name, symbol) {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const [declaration] = symbol.declarations;
  const calls = type.getCallSignatures().map((signature) => `  ${signatureText(signature)}`);
  const indexes = checker
    .getIndexInfosOfType(type)
    .map(({ keyType, type: value }) => `  [key: ${show(keyType)}]: ${show(value)}`);
  const members = membersOf(type, symbol).flatMap((member) => describeMember(member));
  return [
    `interface ${name}${typeParametersOf(declaration)}${heritage(symbol)}`,
    ...calls,
    ...indexes,
    ...members,
  ];
}

/** Names that are the keys of a constant are told one by one. */
function describeAlias(name, symbol) {
  const declaration = symbol.declarations.find(ts.isTypeAliasDeclaration);
  const head = `type ${name}${typeParametersOf(declaration)} =`;
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const parts = type.isUnion() ? type.types : [type];
  if (!parts.every((part) => part.isLiteral())) return `${head} ${textOf(declaration.type)}`;
  return `${head} ${parts.map(show).sort(compare).join(' | ')}`;
}

function describeMember(member, prefix = '') {
  const declaration = member.valueDeclaration ?? member.declarations[0];
  const name = nameOf(member, declaration);
  const mark = member.flags & ts.SymbolFlags.Optional ? '?' : '';
  if (member.flags & ts.SymbolFlags.Method) {
    const isAbstract = hasModifier(declaration, ts.SyntaxKind.AbstractKeyword);
    return describeCalls(`  ${prefix}${isAbstract ? 'abstract ' : ''}${name}${mark}`, member);
  }
  const hasSetter = member.declarations.some(ts.isSetAccessor);
  const isReadonly =
    hasModifier(declaration, ts.SyntaxKind.ReadonlyKeyword) ||
    isMappedReadonly(member) ||
    (member.declarations.some(ts.isGetAccessor) && !hasSetter);
  return [`  ${prefix}${isReadonly ? 'readonly ' : ''}${name}${mark}: ${typeOf(member)}`];
}

/** Whether a mapped type, as that of fields that keep options, makes it readonly. */
function isMappedReadonly({ links }) {
  const READONLY = 1 << 3; // CheckFlags.Readonly, which TypeScript doesn't export
  return ((links?.checkFlags ?? 0) & READONLY) !== 0;
}

/** A line for each overload. */
function describeCalls(head, symbol) {
  const signatures = checker.getTypeOfSymbol(symbol).getNonNullableType().getCallSignatures();
  return signatures.filter((each) => !isInternalSignature(each)).map((each) => head + signatureText(each));
}

function signatureText(signature) {
  const { declaration } = signature;
  const returned = declaration.type ? textOf(declaration.type) : show(signature.getReturnType());
  return `${typeParametersOf(declaration)}(${parametersOf(signature)}): ${returned}`;
}

function parametersOf({ declaration }) {
  return (declaration?.parameters ?? [])
    .map((parameter) => {
      const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
      const isOptional = parameter.questionToken !== undefined || parameter.initializer !== undefined;
      const type = parameter.type
        ? textOf(parameter.type)
        : show(checker.getTypeAtLocation(parameter), parameter);
      return `${parameter.dotDotDotToken ? '...' : ''}${name}${isOptional ? '?' : ''}: ${type}`;
    })
    .join(', ');
}

/** As it is declared; where the compiler infers it, what it finds. */
function typeOf(symbol) {
  const declaration = symbol.valueDeclaration ?? symbol.declarations[0];
  const declared = ts.isGetAccessor(declaration) || 'type' in declaration ? declaration.type : undefined;
  if (declared) return textOf(declared);
  const type = checker.getTypeOfSymbol(symbol);
  const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
  return show(isOptional ? type.getNonNullableType() : type, declaration);
}

/** Members that are public and not told of a class or interface above it. */
function membersOf(type, owner) {
  return type
    .getProperties()
    .filter((member) => member.declarations?.length > 0 && !isHidden(member))
    .filter((member) => isToldHere(member.valueDeclaration ?? member.declarations[0], owner))
    .filter((member) => !isInherited(member, type))
    .sort((a, b) => compare(a.name, b.name));
}

/** Whether a declaration is of `owner`, or of a class of ours that can't be told by itself, since it isn't exported. */
function isToldHere(declaration, owner) {
  if (!declaration) return true;
  const parent = declaration.parent?.name && checker.getSymbolAtLocation(declaration.parent.name);
  return parent === owner || (isOurs(declaration) && !names.has(parent));
}

/** Whether an exported class above has it from a mapped type, whose members are of no class. */
function isInherited(member, type) {
  const [declaration] = member.declarations;
  if (!ts.isPropertyAssignment(declaration) || !type.isClassOrInterface()) return false;
  return checker
    .getBaseTypes(type)
    .some((base) => names.has(base.symbol) && base.getProperty(member.name)?.declarations[0] === declaration);
}

function isHidden(member) {
  const hiding = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const isPrivate = member.declarations.some(
    (declaration) =>
      (declaration.name && ts.isPrivateIdentifier(declaration.name)) ||
      ts.getCombinedModifierFlags(declaration) & hiding,
  );
  return isPrivate || isInternal(member);
}

/** TypeScript finds the tags of overridden members, too. */
function isInternal(symbol) {
  return symbol.getJsDocTags(checker).some(({ name }) => name === 'internal');
}

function isInternalSignature(signature) {
  return signature.getJsDocTags().some(({ name }) => name === 'internal');
}

/** The nearest classes above that are exported. */
function heritage(symbol) {
  const bases = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(symbol)).flatMap(exportedBases);
  return bases.length > 0 ? ` extends ${bases.sort(compare).join(', ')}` : '';
}

function exportedBases(base) {
  const known = names.get(base.symbol);
  const given = checker.getTypeArguments(base).slice(0, base.target?.localTypeParameters?.length ?? 0);
  if (known) return [given.length > 0 ? `${known}<${given.map((each) => show(each)).join(', ')}>` : known];
  if (base.isIntersection()) return base.types.flatMap(exportedBases);
  if (!isOurs(base.symbol.declarations[0])) return [show(base)];
  return (checker.getBaseTypes(base.target ?? base) ?? []).flatMap(exportedBases);
}

function isOurs(declaration) {
  return declaration.getSourceFile().fileName.startsWith(LIB);
}

function typeParametersOf({ typeParameters } = {}) {
  return typeParameters ? `<${typeParameters.map(textOf).join(', ')}>` : '';
}

function nameOf(member, declaration) {
  const { name } = declaration;
  return name && ts.isComputedPropertyName(name) ? `[${textOf(name.expression)}]` : member.name;
}

function hasModifier(declaration, kind) {
  return declaration?.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}

function resolve(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function show(type, node) {
  return checker.typeToString(type, node, TYPE_FLAGS).replace(/\s+/g, ' ');
}

function textOf(node) {
  return printer
    .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .replace(/\s+/g, ' ')
    .replace(/\[ /g, '[')
    .replace(/ \]/g, ']');
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
