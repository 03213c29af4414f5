// Stops the container. It gets two seconds to end by itself.

import { containerOf, type Response } from "../response.ts";

export const stop: Response = {
  name: "stop",
  summary: "stops the container",
  needs: {},
  async act(target, { engine }) {
    await engine.post(`/containers/${encodeURIComponent(containerOf(target).id)}/stop?t=2`);
    return "stopped the container";
  },
};
