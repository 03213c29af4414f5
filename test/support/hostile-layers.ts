// Layers that attack their readers, each with what we have to say about it.

import { hostileHeaders } from "./hostile-headers.ts";
import { hostilePaths } from "./hostile-paths.ts";
import type { HostileLayer } from "./hostile-row.ts";

export const hostileLayers: readonly HostileLayer[] = [...hostilePaths, ...hostileHeaders];
