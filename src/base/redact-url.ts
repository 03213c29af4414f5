// URLs as they may be recorded and shown: what is secret in them is taken out.

/** Without user, password and query; a fragment (branch and folder of a git URL) stays. `git@host:path` has no password. */
export function withoutCredentials(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1")
    .replace(/^[^/?#@:]*:[^/?#]*@/, "")
    .replace(/\?[^#]*/, "");
}

/** The same for text that may hold URLs somewhere, such as a whole record: user and password only. */
export function withoutUserInfo(text: string): string {
  return text.includes("://") ? text.replace(/:\/\/[^/"\s]*@/g, "://") : text;
}
