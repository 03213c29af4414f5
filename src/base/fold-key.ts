// The one way in which Go's JSON decoder matches keys to fields: without regard to case, as Unicode folds ASCII letters.
// Source: go/src/encoding/json/fold.go.

const beyondAscii = /[^\0-\x7f]/;

/** The form under which Go's decoder takes two keys for one field: ASCII case, U+017F (long s), U+212A (Kelvin sign). */
export function foldKey(key: string): string {
  if (!beyondAscii.test(key)) return key.toLowerCase();
  const ascii = key.replaceAll("\u017f", "s").replaceAll("\u212a", "k");
  return ascii.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
