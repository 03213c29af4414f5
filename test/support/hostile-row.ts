// One layer that attacks its readers, with what we have to say about it.

export type HostileLayer = {
  readonly id: string;
  readonly what: string;
  readonly tar: Buffer;
  /** Rules of ambiguity, sorted; `refused` and `limit` are errors; an empty list is a clean layer. */
  readonly expected: readonly string[] | "refused" | "limit";
};

export function row(id: string, what: string, tar: Buffer, expected: HostileLayer["expected"]): HostileLayer {
  return { id, what, tar, expected };
}
