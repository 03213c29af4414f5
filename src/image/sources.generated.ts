// Every plugin in sources/. Written by `npm run plugins`; do not edit.

import type { ImageSource } from "./source.ts";
import { dockerArchive } from "./sources/docker-archive.ts";

export const sources: readonly ImageSource[] = [dockerArchive];
