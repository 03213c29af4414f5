// Ways to find a version in a program's bytes: a text that stands beside it in every build, and its exact shape there.

import type { ByteView } from "../bytes.ts";

export type FindVersion = (bytes: ByteView, fileName: string) => string | undefined;

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
      const version = pattern.exec(bytes.text(at - before, at + 200))?.[1];
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
  for (const window of bytes.windows(0, bytes.length, 11)) {
    for (const [, version = ""] of window.bytes.toString("latin1").matchAll(/\0(\d{1,2}\.\d{1,2}\.\d{1,3})(?=\0)/g)) {
      if (startsBuildId(bytes, version)) return version;
      candidates += 1;
      if (candidates > 50) return undefined;
    }
  }
  return undefined;
};

function startsBuildId(bytes: ByteView, version: string): boolean {
  const wanted = Buffer.from(version, "latin1");
  let at = bytes.indexOf(wanted);
  for (let tries = 0; at !== -1 && tries < maxTries; tries += 1, at = bytes.indexOf(wanted, at + 1)) {
    const rest = bytes.text(at + version.length, at + version.length + 120);
    if (/^[A-Za-z0-9][\w.-]{8,100}0{8}/.test(rest)) return true;
  }
  return false;
}
