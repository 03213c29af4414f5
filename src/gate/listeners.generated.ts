// Every plugin in listeners/. Written by `npm run plugins`; do not edit.

import type { Listener } from "./listener.ts";
import { authzPlugin } from "./listeners/authz-plugin.ts";
import { tls } from "./listeners/tls.ts";
import { unix } from "./listeners/unix.ts";

export const listeners: readonly Listener[] = [authzPlugin, tls, unix];
