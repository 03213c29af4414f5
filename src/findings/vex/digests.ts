// Hashes as VEX formats write them -> digests as images have them.

/** @param hashes by algorithm: `sha-256`, `sha256`, `SHA-256` */
export function digestsOf(hashes: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(hashes).flatMap(([algorithm, value]) => {
    const isSha256 = algorithm.toLowerCase().replace("-", "") === "sha256";
    const hex = value.toLowerCase().replace(/^sha256:/, "");
    return isSha256 && /^[0-9a-f]{64}$/.test(hex) ? [`sha256:${hex}`] : [];
  });
}
