// Every plugin in sources/. Written by `npm run plugins`; do not edit.

import type { ImageSource } from "./source.ts";
import { archive } from "./sources/archive.ts";
import { container } from "./sources/container.ts";
import { directory } from "./sources/directory.ts";
import { engine } from "./sources/engine.ts";
import { ociLayout } from "./sources/oci-layout.ts";
import { registry } from "./sources/registry.ts";

export const sources: readonly ImageSource[] = [archive, container, directory, engine, ociLayout, registry];
