// Links from the README on npm to the repository's files, and the checks of the addresses that the owner fills in.

/** Where a host has a file at a tag, by its name: the page that shows it, and what is in it. */
const FILE_PATHS = {
  'github.com': (tag, file, isRaw) => `${isRaw ? 'raw' : 'blob'}/${tag}/${file}`,
  'gitlab.com': (tag, file, isRaw) => `-/${isRaw ? 'raw' : 'blob'}/${tag}/${file}`,
  'codeberg.org': (tag, file, isRaw) => `${isRaw ? 'raw' : 'src'}/tag/${tag}/${file}`,
  'bitbucket.org': (tag, file, isRaw) => `${isRaw ? 'raw' : 'src'}/${tag}/${file}`,
};

/** The repository's page, such as https://github.com/owner/name, or undefined if package.json has no usable one. */
export function repositoryPage({ repository }) {
  const text = typeof repository === 'string' ? repository : repository?.url;
  if (typeof text !== 'string') return undefined;
  const url = text.replace(/^git\+/, '').replace(/\.git$/, '');
  return isAddress(url) && new URL(url).hostname in FILE_PATHS ? url : undefined;
}

export const knownHosts = Object.keys(FILE_PATHS);

/** Whether a text is an https address of a real host: example.com and the like are none. */
export function isAddress(text) {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const isReserved = /(^|\.)(example(\.(com|net|org))?|invalid|test|localhost)$/.test(hostname);
  return protocol === 'https:' && hostname.includes('.') && !isReserved && !/[<>{}]|OWNER|TODO/.test(text);
}

/**
 * The README for npm's page, where a relative link leads nowhere: links to files become links to the repository at
 * the version's tag, or plain text as long as package.json has no repository. Images come from there too.
 */
export function readmeForNpm(markdown, manifest) {
  const page = repositoryPage(manifest);
  return markdown.replace(/(!?)\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, image, text, target) => {
    if (/^([a-z][a-z0-9+.-]*:|#)/i.test(target)) return whole;
    if (page === undefined) return image ? '' : text;
    const path = FILE_PATHS[new URL(page).hostname];
    const file = path(`v${manifest.version}`, target.replace(/^\.\//, ''), image !== '');
    return `${image}[${text}](${page}/${file})`;
  });
}

/** The targets of relative links that a README still has. */
export function relativeLinks(markdown) {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => !/^([a-z][a-z0-9+.-]*:|#)/i.test(target));
}
