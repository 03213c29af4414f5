// Which image is learnt, and which of its containers run already.

import { readFileSync } from "node:fs";
import { PlimsollError } from "../../base/errors.ts";
import { integerAt, listAt, textAt, textsAt } from "../../base/reading.ts";
import { canonicalTag } from "../../base/reference.ts";
import type { EngineClient } from "../../engine/engine.ts";

export type LearnTarget = {
  readonly imageId: string;
  /** As the user knows it. */
  readonly image: string;
  /** Names that a profile for it should have: the tags, or the id where there is none. */
  readonly images: readonly string[];
  readonly running: readonly { readonly id: string; readonly pid: number }[];
};

/** @throws PlimsollError NOT_FOUND */
export async function findLearnTarget(client: EngineClient, name: string): Promise<LearnTarget> {
  const container = await client.get(`/containers/${encodeURIComponent(name)}/json`);
  const imageName = container === undefined ? name : textAt(container, "Image");
  const image = await client.get(`/images/${imageName.split("/").map(encodeURIComponent).join("/")}/json`);
  if (image === undefined) {
    throw new PlimsollError(
      "NOT_FOUND",
      `neither a container nor an image is called ${JSON.stringify(name.slice(0, 200))}`,
      {
        hint: "docker ps and docker images list what is here",
      },
    );
  }
  const imageId = textAt(image, "Id");
  const tags = textsAt(image, "RepoTags").map(canonicalTag);
  const named = tags.filter((tag) => tag !== undefined);
  return {
    imageId,
    image: textsAt(image, "RepoTags")[0] ?? imageId,
    images: named.length > 0 ? named : [imageId],
    running: await findRunning(client, imageId),
  };
}

async function findRunning(client: EngineClient, imageId: string): Promise<LearnTarget["running"]> {
  const list = listAt({ list: await client.get("/containers/json") }, "list");
  const ids = list.filter((item) => textAt(item, "ImageID") === imageId).map((item) => textAt(item, "Id"));
  const found = await Promise.all(ids.map((id) => client.get(`/containers/${id}/json`)));
  return found
    .map((container) => ({ id: textAt(container, "Id"), pid: integerAt(container, "State", "Pid") }))
    .filter(({ pid }) => pid > 0);
}

/** The most memory that any of them has had, in bytes; 0 when the engine does not say. */
export async function mostMemoryOf(client: EngineClient, target: LearnTarget): Promise<number> {
  const running = await findRunning(client, target.imageId);
  const stats = await Promise.all(
    running.map(({ id }) => client.get(`/containers/${id}/stats?stream=false&one-shot=true`)),
  );
  return Math.max(
    0,
    ...stats.map((found) =>
      Math.max(integerAt(found, "memory_stats", "max_usage"), integerAt(found, "memory_stats", "usage")),
    ),
  );
}

/** The host's number of the container's root: 0, but where the engine maps users. */
export function rootOf(pid: number | undefined): number {
  try {
    const map = pid === undefined ? "" : readFileSync(`/proc/${pid}/uid_map`, "utf8");
    return Number(/^\s*0\s+(\d+)/.exec(map)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
