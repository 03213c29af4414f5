// Semantic versioning, for npm and Cargo.

import { compareSemantic } from "../semantic-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const semantic: VersionScheme = {
  name: "semantic",
  summary: "npm packages and Rust crates",
  needs: {},
  ecosystems: ["npm", "cargo"],
  compare: compareSemantic,
};
