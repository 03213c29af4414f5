// Containers by name and by id. What an id stands for never changes; a name may be given to another container.

import { textAt, textMapAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { profilesLabel } from "../ownership/labels.ts";
import { type FoundContainer, ownerOfContainer } from "./found.ts";
import type { Labels } from "./lookup.ts";
import { createNameCache, type NameCache } from "./name-cache.ts";
import { notAmbiguous } from "./not-ambiguous.ts";

const maxIds = 50_000;

export type ContainerLookup = {
  container(name: string): Promise<FoundContainer | undefined>;
  imageLabels(id: string): Promise<Labels | undefined>;
};

/** @param byName forgets when names change */
export function createContainerLookup(client: EngineClient, byName: NameCache<FoundContainer>): ContainerLookup {
  const byId = createNameCache<FoundContainer>(() => true, maxIds);
  const labelsById = createNameCache<Labels>(() => true, maxIds);

  const imageLabels = (id: string): Promise<Labels | undefined> =>
    labelsById.get(id, async () => {
      const found = await notAmbiguous(() => client.get(`/images/${encodeURIComponent(id)}/json`));
      return found === undefined ? undefined : textMapAt(found, "Config", "Labels");
    });

  const load = async (name: string): Promise<FoundContainer | undefined> => {
    const value = await notAmbiguous(() => client.get(`/containers/${encodeURIComponent(name)}/json`));
    if (value === undefined) return undefined;
    const imageId = textAt(value, "Image");
    const labels = textMapAt(value, "Config", "Labels");
    return {
      id: textAt(value, "Id"),
      name: textAt(value, "Name").replace(/^\//, ""),
      owner: await ownerOfContainer(labels, () => imageLabels(imageId)),
      imageId,
      user: textAt(value, "Config", "User"),
      profiles: (labels[profilesLabel] ?? "").split(",").filter((name) => name !== ""),
    };
  };

  return {
    imageLabels,
    async container(name) {
      if (!/^[0-9a-f]{64}$/.test(name)) return byName.get(name, () => load(name));
      const found = await byId.get(name, () => load(name));
      // A container may be called like an id that is no longer there: such a name must not be remembered as an id.
      if (found !== undefined && found.id !== name) byId.clear();
      return found;
    },
  };
}
