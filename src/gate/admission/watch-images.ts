// Images that the engine gets, however it gets them, are read in the background, so that whoever runs one later need not wait.
// Source: Engine API reference, SystemEvents: image events pull, load, import, tag and build; container event commit.

import { textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { listenToEngine } from "../references/engine-events.ts";
import type { ImageGate } from "./image-gate.ts";

const arrivals: ReadonlySet<string> = new Set(["pull", "load", "import", "tag", "build"]);
/** Nothing else is sent: the engine has less to tell, and the gate less to read, while containers come and go. */
const filters = { type: ["image", "container"], event: [...arrivals, "commit"] } as const;

/** @returns a function that stops it */
export function watchImages(client: EngineClient, images: ImageGate): () => void {
  const expect = async (name: string): Promise<void> => {
    const found = await client.get(`/images/${name.split("/").map(encodeURIComponent).join("/")}/json`);
    const id = textAt(found, "Id");
    if (id !== "") images.expect(id);
  };
  const events = listenToEngine(
    client,
    ({ type, action, id, attributes }) => {
      const name = type === "container" && action === "commit" ? textAt(attributes, "imageID") : id;
      const isArrival = (type === "image" && arrivals.has(action)) || (type === "container" && action === "commit");
      // What cannot be found now is read when somebody wants to run it.
      if (isArrival && name !== "") expect(name).catch(() => undefined);
    },
    () => undefined,
    filters,
  );
  return () => events.close();
}
