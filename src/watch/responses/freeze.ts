// Stops every process of the container in its place. The engine is not asked, which would take ten times as long, and does
// not know: `docker ps` shows it as running.

import { freezeContainer } from "../freezer.ts";
import { containerOf, type Response } from "../response.ts";

export const freeze: Response = {
  name: "freeze",
  summary: "stops every process of the container in its place; plimsoll incident thaw lets it go on",
  needs: { root: true, platforms: ["linux"] },
  async act(target) {
    await freezeContainer(containerOf(target));
    return "froze the container";
  },
};
