// Ways to find a version in a program's bytes: a text that stands beside it in every build, and its exact shape there.

export type FindVersion = (bytes: Buffer, fileName: string) => string | undefined;

/** How often a text is tried: programs repeat their own names. */
const maxTries = 2000;

/**
 * The version stands near a text. The pattern's first group is the version; it is tried on up to 200 bytes from the text on.
 * @param before bytes in front of the text that belong to the window
 */
export function near(text: string, pattern: RegExp, before: number = 0): FindVersion {
  const anchor = Buffer.from(text, "latin1");
  return (bytes) => {
    let at = bytes.indexOf(anchor);
    for (let tries = 0; at !== -1 && tries < maxTries; tries += 1) {
      const version = pattern.exec(bytes.toString("latin1", Math.max(0, at - before), at + 200))?.[1];
      if (version !== undefined) return version;
      at = bytes.indexOf(anchor, at + anchor.length);
    }
    return undefined;
  };
}

/** Each way in turn. */
export function first(...ways: readonly FindVersion[]): FindVersion {
  return (bytes, fileName) => {
    for (const way of ways) {
      const version = way(bytes, fileName);
      if (version !== undefined) return version;
    }
    return undefined;
  };
}

/** `python3.11` and `libpython3.11.so.1.0` hold their whole version as a text of its own: zero byte, `3.11.4`, zero byte. */
export const pythonVersion: FindVersion = (bytes, fileName) => {
  const minor = /(\d\.\d{1,2})/.exec(fileName)?.[1];
  if (minor === undefined) return undefined;
  return near(`\0${minor}.`, /^\0(\d\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?\0/)(bytes, fileName);
};

/** Redis keeps its version alone, and once more at the start of its build id, followed by host, time and commit without a separator. */
export const redisVersion: FindVersion = (bytes) => {
  let candidates = 0;
  let next = -1;
  for (let at = bytes.indexOf(0); at !== -1 && candidates < 50; at = next) {
    next = bytes.indexOf(0, at + 1);
    if (next - at < 6 || next - at > 10) continue;
    const text = bytes.toString("latin1", at + 1, next);
    if (!/^\d{1,2}\.\d{1,2}\.\d{1,3}$/.test(text)) continue;
    if (startsBuildId(bytes, text)) return text;
    candidates += 1;
  }
  return undefined;
};

function startsBuildId(bytes: Buffer, version: string): boolean {
  let at = bytes.indexOf(version);
  for (let tries = 0; at !== -1 && tries < maxTries; tries += 1, at = bytes.indexOf(version, at + 1)) {
    const rest = bytes.toString("latin1", at + version.length, at + version.length + 120);
    if (/^[A-Za-z0-9][\w.-]{8,100}0{8}/.test(rest)) return true;
  }
  return false;
}
