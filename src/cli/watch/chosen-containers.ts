// The containers of one image, among all that the watch tells of. Of containers that were started around the gate it may not know
// the image yet when their first event comes: the engine is asked once, and no event is left out meanwhile.

import { textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { WatchedContainer } from "../../model/watch.ts";
import type { Learner, LearntEvent } from "../../watch/learn/learner.ts";

export class ChosenContainers {
  readonly #imageId: string;
  readonly #client: EngineClient;
  readonly #learner: Learner;
  readonly #isChosen = new Map<string, boolean>();

  constructor(imageId: string, client: EngineClient, learner: Learner) {
    this.#imageId = imageId;
    this.#client = client;
    this.#learner = learner;
  }

  async see(container: WatchedContainer, learnt: LearntEvent): Promise<void> {
    const known = this.#isChosen.get(container.id) ?? (await this.#ask(container));
    if (known) this.#learner.see(learnt);
  }

  async #ask({ id, imageId }: WatchedContainer): Promise<boolean> {
    const found = imageId === "" ? await this.#imageOf(id) : imageId;
    const isChosen = found === this.#imageId;
    this.#isChosen.set(id, isChosen);
    return isChosen;
  }

  /** "" when it is gone already: then nobody can say what it was. */
  async #imageOf(id: string): Promise<string> {
    try {
      return textAt(await this.#client.get(`/containers/${encodeURIComponent(id)}/json`), "Image");
    } catch {
      return "";
    }
  }
}
