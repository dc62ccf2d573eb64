// Says in the reference what the sources needn't say twice:
// - what overrides an @internal member is internal too;
// - a member without a text has that of the member it overrides, be it of a class that isn't exported;
// - a property of a class that keeps an option has the option's text, and is the class's own, not of the type that gives it to the class;
// - a function that makes an instance of the class of its name (conv2d, Conv2D), and whose text says to see that, has the class's text;
// - functions list the options that they take;
// - what functions take and give stands there without what it tells the compiler about shapes;
// - a type that is the keys or values of a constant shows them;
// - the root's and layers' sections follow the folders of lib/;
// - pages are in the order and sections of pages.mjs, and have their headings as names;
// - tables can be scrolled by keyboard, and headings that fold their section hold no link;
// - nor do the navigation's entries that fold.
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  IndexEvent,
  LiteralType,
  PageEvent,
  ReferenceType,
  ReflectionKind,
  RendererEvent,
  UnionType,
} from 'typedoc';
import { SECTIONS as PAGES } from './pages.mjs';

const LIB = fileURLToPath(new URL('../../lib', import.meta.url));
const DOCS = fileURLToPath(new URL('..', import.meta.url));

/** The root's sections by folder; others are named as the folder is. */
const SECTIONS = {
  io: 'models',
  layers: 'models',
  ops: 'operations',
  program: 'engines',
  random: 'engines',
  serialized: 'models',
  'shape-types': 'models',
  tensor: 'tensors',
};

export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    const paths = PAGES.flatMap(([, pages]) => pages.map((page) => join(DOCS, `${page}.md`)));
    app.options.setValue('projectDocuments', paths);
  });
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    event.searchFieldWeights.document = 4;
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents && accessible(page.contents);
  });
  app.renderer.on(RendererEvent.BEGIN, ({ project }) => {
    moveLinks(app.renderer.theme.getNavigation(project));
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, hideOverrides, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, showChoices, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, showPlainTypes, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, hideSchemas, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, makeSections, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_END, explainOverrides, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_END, explainOptions, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_END, explainFactories, 1000);
  app.converter.on(Converter.EVENT_RESOLVE_END, listOptions, 1000);
}

/** A page that readers without a mouse can use. */
function accessible(html) {
  return (
    html
      // Wide tables scroll by themselves, which takes the focus if the keyboard is to do it.
      .replaceAll('<table>', '<table tabindex="0">')
      // A heading that folds its section can't hold a link. What is in the section has links.
      .replace(/<a [^>]*class="tsd-anchor-icon">(?:(?!<\/a>).)*<\/a>(<\/h\d><\/summary>)/gs, '$1')
  );
}

/** An entry that folds can't be a link: the page of a namespace is the first entry in it. */
function moveLinks(entries) {
  for (const entry of entries) {
    const { children, path, kind } = entry;
    if (!children) continue;
    moveLinks(children);
    if (!path) continue;
    children.unshift({ text: `All of ${entry.text}`, path, kind });
    delete entry.path;
  }
}

function hideOverrides(context) {
  const checker = context.programs[0].getTypeChecker();
  for (const { children = [] } of context.project.getReflectionsByKind(ReflectionKind.Class)) {
    for (const member of children) {
      // A constructor overrides none, and may have a signature for users and an internal one.
      if (member.kind === ReflectionKind.Constructor) continue;
      // TypeScript finds the tags of overridden members too.
      const tags = context.getSymbolFromReflection(member)?.getJsDocTags(checker) ?? [];
      if (!tags.some(({ name }) => name === 'internal')) continue;
      member.comment ??= new Comment();
      member.comment.modifierTags.add('@internal');
    }
  }
}

/** `keyof typeof NAMES` and `(typeof NAMES)[number]`, alone or in a union. */
function showChoices(context) {
  const checker = context.programs[0].getTypeChecker();
  for (const alias of context.project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
    const [declaration] = context.getSymbolFromReflection(alias)?.declarations ?? [];
    const nodes = declaration?.type?.types ?? [declaration?.type];
    const parts = alias.type?.type === 'union' ? alias.type.types : [alias.type];
    if (nodes.length !== parts.length || !parts.some(readsConstant)) continue;
    const shown = parts.flatMap((part, i) => {
      if (!readsConstant(part)) return [part];
      const choices = checker.getTypeFromTypeNode(nodes[i]);
      const values = (choices.types ?? [choices]).map(({ value }) => value);
      // Generic types keep their keys unknown.
      return values.includes(undefined) ? [part] : values.map((value) => new LiteralType(value));
    });
    alias.type = new UnionType(shown);
  }
}

function readsConstant(type) {
  const queried = type?.type === 'typeOperator' ? type.target : type?.objectType;
  return queried?.type === 'query';
}

/** `conv2d<O>(options: Given<O, Conv2DOptions>): Shaped<Conv2D, 'conv2d', O>` takes Conv2DOptions and gives a Conv2D. */
function showPlainTypes({ project }) {
  for (const signature of project.getReflectionsByKind(ReflectionKind.CallSignature)) {
    for (const parameter of signature.parameters ?? []) {
      if (parameter.type?.name === 'Given') parameter.type = parameter.type.typeArguments[1];
    }
    if (signature.type?.name !== 'Shaped') continue;
    signature.type = signature.type.typeArguments[0];
    delete signature.typeParameters;
  }
}

/** A layer has its fields from a schema by an interface, which is no class that it extends. */
function hideSchemas({ project }) {
  for (const layer of project.getReflectionsByKind(ReflectionKind.Class)) {
    layer.extendedTypes = layer.extendedTypes?.filter(({ name }) => !/^(FieldsOf|DefaultsOf)$/.test(name));
  }
}

function makeSections(context) {
  const { project } = context;
  const layers = project.getChildByName('layers');
  for (const document of project.documents ?? []) {
    const [section] = PAGES.find(([, pages]) => pages.includes(document.name));
    putInto(document, section);
    nameByHeading(document);
  }
  for (const child of project.children ?? []) {
    const [folder] = pathOf(context, child);
    if (child.kind !== ReflectionKind.Namespace) putInto(child, SECTIONS[folder] ?? folder);
    else putInto(child, 'namespaces');
  }
  for (const child of layers?.children ?? []) {
    const [, folder] = pathOf(context, child);
    putInto(child, folder.endsWith('.ts') ? 'shared' : folder);
  }
}

/** A page has its first line, "# Getting started", as its name instead of its file's. */
function nameByHeading(document) {
  const [first] = document.content;
  const [, heading] = /^# (.+)\n/.exec(first.text);
  document.name = heading;
}

/** Where it is declared, from lib on: ["layers", "core", "dense.ts"]. */
function pathOf(context, reflection) {
  const declared = reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection;
  const [declaration] = context.getSymbolFromReflection(declared).declarations;
  return relative(LIB, declaration.getSourceFile().fileName)
    .replace(/^([^/\\]*)\.ts$/, '$1')
    .split(sep);
}

function putInto(reflection, section) {
  const [commented] = reflection.signatures ?? [reflection];
  // With a comment of a tag alone, what has no text would pass for documented.
  if (reflection.isDocument() || reflection.isReference()) commented.comment ??= new Comment();
  if (!commented.comment) return;
  const title = section[0].toUpperCase() + section.slice(1);
  commented.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: title }]));
}

function explainOverrides(context) {
  const checker = context.programs[0].getTypeChecker();
  for (const { children = [] } of context.project.getReflectionsByKind(ReflectionKind.Class)) {
    for (const member of children) {
      const parts = context.getSymbolFromReflection(member)?.getDocumentationComment(checker) ?? [];
      if (parts.length === 0) continue;
      const text = parts.map((part) => part.text).join('');
      for (const commented of member.signatures ?? [member.getSignature ?? member]) {
        if (!commented.hasComment()) commented.comment = new Comment([{ kind: 'text', text }]);
      }
    }
  }
}

function explainOptions({ project }) {
  for (const { children = [], name, parent } of project.getReflectionsByKind(ReflectionKind.Class)) {
    const options = children
      .find(({ kind }) => kind === ReflectionKind.Constructor)
      ?.signatures?.[0].parameters?.flatMap(({ type }) =>
        type instanceof ReferenceType ? [type.reflection] : [],
      ) ?? [parent.getChildByName(`${name}Options`)]; // Of a base class, whose constructor is internal.
    for (const member of children) {
      const commented = member.getSignature ?? member;
      if (commented.hasComment()) continue;
      const option = options
        .map((type) => type?.getChildByName?.([member.name]))
        .find((found) => found?.comment);
      if (!option) continue;
      commented.comment = option.comment.clone();
      // An entry of a schema passes for an initial value.
      delete member.defaultValue;
      if (member.inheritedFrom?.name.startsWith('FieldsOf.')) delete member.inheritedFrom;
    }
  }
}

function explainFactories({ project }) {
  for (const factory of project.getReflectionsByKind(ReflectionKind.Function)) {
    const made = factory.parent.children.find(
      ({ kind, name }) => kind === ReflectionKind.Class && name.toLowerCase() === factory.name.toLowerCase(),
    );
    if (!made?.comment) continue;
    for (const signature of factory.signatures) {
      signature.comment ??= new Comment();
      const text = signature.comment.summary.map((part) => part.text).join('');
      if (text && !/\bsee \w+\.$/i.test(text)) continue;
      signature.comment.summary = made.comment.clone().summary;
    }
  }
}

function listOptions({ project }) {
  for (const { comment, parameters = [] } of project.getReflectionsByKind(ReflectionKind.CallSignature)) {
    for (const { type } of parameters) {
      if (!comment || !(type instanceof ReferenceType) || !type.name.endsWith('Options')) continue;
      comment.blockTags.push(new CommentTag('@expandType', [{ kind: 'text', text: type.name }]));
    }
  }
}
