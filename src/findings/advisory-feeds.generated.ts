// Every plugin in advisory-feeds/. Written by `npm run plugins`; do not edit.

import type { AdvisoryFeed } from "./advisory-feed.ts";
import { debianTracker } from "./advisory-feeds/debian-tracker.ts";
import { osv } from "./advisory-feeds/osv.ts";

export const advisoryFeeds: readonly AdvisoryFeed[] = [debianTracker, osv];
