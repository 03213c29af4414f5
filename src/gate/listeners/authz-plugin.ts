// The Docker authorization-plugin protocol, as a second lock behind the engine's own sockets: the engine asks before each
// call, we answer yes or no. Source: moby, docs/extend/plugins_authorization.md and pkg/authorization.
//
// What this cannot do, and the socket listeners can:
// - The request cannot be changed. Names are decided on as the engine will see them, not pinned to ids, so that a rename
//   between question and call is possible; no owner label is stamped; answers are not filtered.
// - Engines do not show every body (CVE-2024-41110, CVE-2026-34040: padded or zero-length bodies; never form bodies and
//   tar streams). A request whose body we do not see, and that has one, is refused in enforce mode.
// - Streams are decided on when they start and not seen.

import type { Listener } from "../listener.ts";
import { createPluginServer } from "../transport/plugin-server.ts";
import { listenOnUnix } from "../transport/unix-socket.ts";

export const authzPlugin: Listener = {
  name: "authz-plugin",
  summary: "asked by the engine itself (dockerd --authorization-plugin), yes or no only",
  needs: { root: true, platforms: ["linux"] },
  async open(profile, options, onExchange) {
    const { server, close } = createPluginServer(profile, onExchange);
    // Only the engine may ask: what the plugin protocol says about the caller is believed.
    const { address, remove } = await listenOnUnix(server, { fileMode: 0o600, ...options });
    return {
      address,
      async close(graceMs = 2000) {
        await remove();
        await close(graceMs);
      },
    };
  },
};
