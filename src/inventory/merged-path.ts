// Where bin, sbin and lib are links into usr, lists still say `lib/x` for what lies at `usr/lib/x`.

export function merged(path: string): string {
  const first = path.charCodeAt(0);
  const mayBe = first === 0x62 || first === 0x6c || first === 0x73;
  return mayBe && /^(?:s?bin|lib(?:32|64|x32)?)\//.test(path) ? `usr/${path}` : path;
}
