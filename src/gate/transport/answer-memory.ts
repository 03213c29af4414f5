// Whoever watches containers asks for the same list again and again, and mostly gets the same bytes. The last answers are
// kept with what they said and how they were changed; what decides on the change is worked out anew each time (`basis`).

import type { JsonValue } from "../../model/json.ts";

export type RememberedAnswer = {
  /** As the engine wrote it. */
  readonly document: Buffer;
  readonly value: JsonValue;
  readonly basis: string;
  /** For the caller. */
  readonly changed: Uint8Array;
};

const maxAnswers = 8;
const maxBytes = 256 * 1024;

export class AnswerMemory {
  /** The newest last. */
  readonly #answers: RememberedAnswer[] = [];

  /** The answer that is the same, byte for byte. */
  find(document: Buffer): RememberedAnswer | undefined {
    return this.#answers.findLast((known) => known.document.equals(document));
  }

  keep(answer: RememberedAnswer): void {
    if (answer.document.length > maxBytes) return;
    const before = this.#answers.findIndex((known) => known.document.equals(answer.document));
    if (before >= 0) this.#answers.splice(before, 1);
    else if (this.#answers.length >= maxAnswers) this.#answers.shift();
    this.#answers.push(answer);
  }
}
