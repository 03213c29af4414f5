// Is a user, as images and calls name them, root?

/** `0`, `root`, `0:0`, `root:wheel` and nothing at all are root; so is what cannot be known. */
export function isRootUser(user: string): boolean {
  const name = user.trim().split(":", 1)[0] ?? "";
  return name === "" || name === "root" || /^[+-]?0+$/.test(name) || isWrapped(name);
}

/** CVE-2024-40635: uids past 2^31 wrapped around to root. */
function isWrapped(name: string): boolean {
  return /^\d+$/.test(name) && Number(name) > 2_147_483_647;
}
