// Every plugin in sources/. Written by `npm run plugins`; do not edit.

import type { ImageSource } from "./source.ts";
import { archive } from "./sources/archive.ts";
import { ociLayout } from "./sources/oci-layout.ts";

export const sources: readonly ImageSource[] = [archive, ociLayout];
