// Only tells. For rules that say so in as many words.

import type { Response } from "../response.ts";

export const alert: Response = {
  name: "alert",
  summary: "tells, and does nothing else",
  needs: {},
  act: async () => "told",
};
