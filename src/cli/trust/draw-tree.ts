// A tree of lines, with the usual branches.

export type TreeNode = { readonly text: string; readonly children: readonly TreeNode[] };

export function drawTree(root: TreeNode): string {
  return [root.text, ...branches(root.children)].map((line) => `${line}\n`).join("");
}

function branches(nodes: readonly TreeNode[]): readonly string[] {
  return nodes.flatMap((node, at) => {
    const isLast = at === nodes.length - 1;
    const below = branches(node.children).map((line) => `${isLast ? "   " : "│  "}${line}`);
    return [`${isLast ? "└─" : "├─"} ${node.text}`, ...below];
  });
}
