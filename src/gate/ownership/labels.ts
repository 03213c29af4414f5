// The labels that tell whose a thing is. Only the gate writes them; a client that sends one is refused.

/** Every label that begins so is ours. */
export const reservedPrefix = "dev.plimsoll.";
/** The owner, as `Principal.owner`. */
export const ownerLabel = "dev.plimsoll.owner";
/** The request that made the thing: leads into the audit log, and is never the same twice. */
export const requestLabel = "dev.plimsoll.request";
/** The image as the caller named it; the engine only gets its id. */
export const imageLabel = "dev.plimsoll.image";
/** Names of the profiles that hardened the container, with commas: its limits stay theirs whatever becomes of its image's names. */
export const profilesLabel = "dev.plimsoll.profiles";

/** Label keys are compared without case, so that nothing looks like ours. */
export function isReserved(label: string): boolean {
  return label.length >= reservedPrefix.length && label.toLowerCase().startsWith(reservedPrefix);
}
