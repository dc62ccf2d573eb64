const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is written in HTML, SVG and their attributes. Control characters, which SVG can't have, are left out. */
export function escapeText(text: unknown): string {
  return (
    String(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (character) => ENTITIES[character])
  );
}
