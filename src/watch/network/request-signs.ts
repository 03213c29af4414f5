// Signs of an attack in a plain request: strings that no honest client sends. A sign is a hint, not a proof: it raises an alert and stops nothing.
// Source: CVE-2021-44228 (JNDI lookups), OWASP Core Rule Set's classes 930, 932 and 942 (ideas, not text).

export type RequestSign = { readonly name: string; readonly summary: string; readonly pattern: RegExp };

/** Linear in the length of the text: no nested repetition. */
export const requestSigns: readonly RequestSign[] = [
  {
    name: "jndi",
    summary: "a lookup that makes Log4j fetch code",
    pattern: /\$\{(?:jndi|(?:\$\{[^{}]{0,64}\}|[jndi]){1,16}):/i,
  },
  {
    name: "sql-injection",
    summary: "SQL where a value should be",
    pattern:
      /(?:\bunion\s{1,16}(?:all\s{1,16})?select\b|'\s{0,16}or\s{1,16}['\d]|\bsleep\s{0,4}\(\s{0,4}\d|;\s{0,16}drop\s{1,16}table\b|\binformation_schema\b)/i,
  },
  {
    name: "shell-injection",
    summary: "a shell command where a value should be",
    pattern:
      /(?:[;|&`]|\$\()\s{0,16}(?:\/bin\/(?:ba)?sh|(?:ba|da|z)?sh\s{1,8}-[ci]|wget\s|curl\s|nc\s{1,8}-e|cat\s{1,8}\/etc\/(?:passwd|shadow))/i,
  },
  {
    name: "path-traversal",
    summary: "a path that climbs out of its folder",
    pattern: /(?:\.\.[/\\]){3}|\/etc\/(?:passwd|shadow)\b/i,
  },
  {
    name: "metadata-relay",
    summary: "a request for a cloud's credentials",
    pattern: /169\.254\.169\.254|metadata\.google\.internal/i,
  },
  {
    name: "web-shell",
    summary: "a page that runs commands for whoever asks",
    pattern:
      /\/(?:c99|r57|wso|b374k|alfa|weevely)[\w.-]{0,20}\.(?:php|aspx?|jspx?)\b|\.(?:php|aspx?|jspx?)\?(?:\w{1,20}=[^&\s]{0,60}&){0,4}(?:cmd|exec|command|shell)=/i,
  },
  {
    name: "plain-credentials",
    summary: "a password that everybody on the way can read",
    pattern: /\r\nauthorization:\s{0,4}basic\s/i,
  },
  {
    name: "shellshock",
    summary: "a function definition where a header's value should be",
    pattern: /\(\)\s{0,4}\{\s{0,4}:?;?\s{0,4}\}\s{0,4};/,
  },
];

/** Escapes are undone twice at most: attackers escape twice, honest clients do not. @returns names of signs */
export function signsOf(head: string): readonly string[] {
  const once = unescapeUrl(head);
  const texts = [...new Set([head, once, unescapeUrl(once)])];
  return requestSigns.filter(({ pattern }) => texts.some((text) => pattern.test(text))).map(({ name }) => name);
}

function unescapeUrl(text: string): string {
  return text
    .replaceAll("+", " ")
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Mining pools speak JSON lines over plain TCP. Source: Stratum mining protocol, `mining.subscribe`, `mining.authorize`; monero's `login`. */
export function isStratum(stream: Uint8Array): boolean {
  const text = Buffer.from(stream.buffer, stream.byteOffset, Math.min(stream.byteLength, 1024)).toString("latin1");
  return (
    /^\s{0,8}\{/.test(text) &&
    /"method"\s{0,4}:\s{0,4}"(?:mining\.(?:subscribe|authorize|configure)|login|eth_submitLogin)"/.test(text) &&
    /"params"/.test(text)
  );
}
