// Who owns the things that cannot carry a label of ours: images, tags, and runs of exec.

export type LedgerKind = "image" | "tag" | "exec" | "build-session";

/** Survives a restart. All calls are synchronous: the answer is part of a decision. */
export interface OwnershipLedger {
  /** Owners of an id, in the order they came; empty when nobody claimed it. */
  owners(kind: LedgerKind, id: string): readonly string[];
  /** Adds an owner; a second claim by the same owner changes nothing. */
  claim(kind: LedgerKind, id: string, owner: string): void;
  /** Forgets one owner, or the whole id. */
  release(kind: LedgerKind, id: string, owner?: string): void;
}
