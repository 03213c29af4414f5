// Every plugin in advisory-feeds/. Written by `npm run plugins`; do not edit.

import type { AdvisoryFeed } from "./advisory-feed.ts";
import { alpineSecdb } from "./advisory-feeds/alpine-secdb.ts";
import { amazon } from "./advisory-feeds/amazon.ts";
import { debianLists } from "./advisory-feeds/debian-lists.ts";
import { debianTracker } from "./advisory-feeds/debian-tracker.ts";
import { endOfLife } from "./advisory-feeds/end-of-life.ts";
import { epss } from "./advisory-feeds/epss.ts";
import { kev } from "./advisory-feeds/kev.ts";
import { oracleOval } from "./advisory-feeds/oracle-oval.ts";
import { osv } from "./advisory-feeds/osv.ts";
import { redhatCsafVex } from "./advisory-feeds/redhat-csaf-vex.ts";
import { rpmOsv } from "./advisory-feeds/rpm-osv.ts";
import { rustsec } from "./advisory-feeds/rustsec.ts";
import { ubuntuOsv } from "./advisory-feeds/ubuntu-osv.ts";
import { wolfi } from "./advisory-feeds/wolfi.ts";

export const advisoryFeeds: readonly AdvisoryFeed[] = [alpineSecdb, amazon, debianLists, debianTracker, endOfLife, epss, kev, oracleOval, osv, redhatCsafVex, rpmOsv, rustsec, ubuntuOsv, wolfi];
