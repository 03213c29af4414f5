// People name containers and images by the twelve characters that `docker ps` shows. An engine looks for a name first: whoever
// may take another's id for a name gets what was meant for the other, an operator's `docker exec` with its secrets included.
// Source: moby/moby, daemon/container.go (GetContainer), daemon/images/image.go (GetImage), daemon/network.go (FindNetwork).

import { textAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";
import { quoted, refused } from "../normalize/refused.ts";

/** As engines print ids: short or whole. */
const idShape = /^\/?(?:[0-9a-f]{12}|[0-9a-f]{64})$/;

/** @throws Refusal for a new name that could be somebody's id */
export function refuseNameLikeId(call: Call): void {
  const name = newName(call);
  if (idShape.test(name)) throw likeId(name);
}

/** @param path of an image without its registry. @throws Refusal */
export function refuseTagLikeId(path: string): void {
  const name = path.replace(/^library\//, "");
  if (idShape.test(name)) throw likeId(name);
}

function newName({ route, query, body }: Call): string {
  switch (route.action) {
    case "container.create":
    case "container.rename":
      return query["name"]?.[0] ?? "";
    case "network.create":
      return body.kind === "json" ? textAt(body.value, "Name") : "";
    default:
      return "";
  }
}

function likeId(name: string): Error {
  return refused({
    code: "AMBIGUOUS_INPUT",
    slug: "name-like-id",
    status: 403,
    reason: `name ${quoted(name)}: engines would find it wherever somebody means the thing with this id`,
    hint: "choose a name with a letter from g to z in it, or of another length",
  });
}
