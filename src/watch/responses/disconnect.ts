// Takes the container off all of its networks.

import { disconnectNetworks } from "../disconnect.ts";
import { containerOf, type Response } from "../response.ts";

export const disconnect: Response = {
  name: "disconnect",
  summary: "takes the container off its networks",
  needs: {},
  async act(target, { engine }) {
    const networks = await disconnectNetworks(containerOf(target).id, engine);
    return networks.length === 0 ? "it was in no network" : `took it off ${networks.join(", ")}`;
  },
};
