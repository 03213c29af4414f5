// Every plugin in providers/. Written by `npm run plugins`; do not edit.

import type { IdentityProvider } from "./provider.ts";
import { engineReport } from "./providers/engine-report.ts";
import { mtls } from "./providers/mtls.ts";
import { unixPeer } from "./providers/unix-peer.ts";

export const providers: readonly IdentityProvider[] = [engineReport, mtls, unixPeer];
