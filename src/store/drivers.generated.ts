// Every plugin in drivers/. Written by `npm run plugins`; do not edit.

import type { StoreDriver } from "./driver.ts";
import { sqlite } from "./drivers/sqlite.ts";

export const drivers: readonly StoreDriver[] = [sqlite];
