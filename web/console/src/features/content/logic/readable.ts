// A subject with its template language taken out, fit for a list.

const BRANCH = /\{%-?\s*(?:if|unless)\b[^%]*%\}((?:(?!\{%-?\s*(?:if|unless|endif|endunless)\b)[\s\S])*)\{%-?\s*end(?:if|unless)\s*-?%\}/g;
const OTHERWISE = /\{%-?\s*else\s*-?%\}/;

/** Of either–or the last way is read, which is what most people get; a variable shows by its name. */
export function readable(subject: string, name: (variable: string) => string): string {
  let text = subject;
  // Innermost first, until nothing is left to choose.
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(BRANCH, (_, inner: string) => inner.split(OTHERWISE).at(-1)!.replace(/\{%-?\s*els(?:e|)if\b[\s\S]*$/, ''));
  }
  return text
    .replace(/\{%[\s\S]*?%\}/g, '')
    .replace(/\{\{-?\s*([\w.]+)[^}]*\}\}/g, (_, path: string) => `[${name(path.slice(path.lastIndexOf('.') + 1))}]`)
    .replace(/\s+/g, ' ')
    .trim();
}
