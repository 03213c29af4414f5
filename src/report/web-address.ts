// Addresses from advisories: only those that a reader may safely be led to.

/** Absolute http or https, printable ASCII; nothing that runs code (`javascript:`, `data:`). */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[!#-;=?-~]+$/.test(text);
}
