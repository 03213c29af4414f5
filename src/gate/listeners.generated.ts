// Every plugin in listeners/. Written by `npm run plugins`; do not edit.

import type { Listener } from "./listener.ts";
import { unix } from "./listeners/unix.ts";

export const listeners: readonly Listener[] = [unix];
