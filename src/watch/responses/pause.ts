// The engine's own freeze: slower, but `docker ps` shows it and `docker unpause` ends it.

import { containerOf, type Response } from "../response.ts";

export const pause: Response = {
  name: "pause",
  summary: "pauses the container by its engine",
  needs: {},
  async act(target, { engine }) {
    await engine.post(`/containers/${encodeURIComponent(containerOf(target).id)}/pause`);
    return "paused the container";
  },
};
