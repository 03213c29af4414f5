// What ADD takes from elsewhere: the engine fetches a URL itself, as root and from where it stands.
// Source: moby builder/dockerfile/copy.go (getCopyInfoForSourcePath), dockerfile/shell/lex.go (ProcessWords: quotes and
// escapes go, and the value of a variable may bring further words).

const schemes = ["http://", "https://", "ftp://", "git://", "ssh://", "git@"];

/**
 * Sources that are URLs, or may become URLs once their variables are known.
 * @param rest an ADD instruction without its keyword, flags included
 */
export function remoteSources(rest: string): readonly string[] {
  const words = rest.split(/\s+/).filter((word) => word !== "" && !word.startsWith("--"));
  const sources = listed(words.join(" ")) ?? words;
  // The last word is the target, unless an escape or a quote hides where words end.
  const isPlain = sources.length > 1 && !/["'\\`]/.test(sources.join(""));
  return (isPlain ? sources.slice(0, -1) : sources).filter(mayBeRemote);
}

/** `["a", "b"]`; undefined for the form with words. */
function listed(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined; // then the builder takes it for words, too
  }
}

function mayBeRemote(source: string): boolean {
  if (/\$[\w{]/.test(source)) return true;
  const text = source.replaceAll(/["'\\`]/g, "").toLowerCase();
  return schemes.some((scheme) => text.startsWith(scheme));
}
