// Where the nodes of a decision tree stand: the way in at the left, one row for each leaf.
import type { Leaf, TreeNode } from '../../../lib/api/models';

export type Placed = TreeNode & { depth: number; row: number };

export function place(nodes: TreeNode[]): { placed: Placed[]; rows: number; depth: number } {
  const children = new Map<number | null, TreeNode[]>();
  for (const node of nodes) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  const placed: Placed[] = [];
  let rows = 0;
  let deepest = 0;
  const walk = (node: TreeNode, depth: number): number => {
    deepest = Math.max(deepest, depth);
    const own = children.get(node.id) ?? [];
    let row: number;
    if (own.length === 0) {
      row = rows;
      rows += 1;
    } else {
      const at = own.map((child) => walk(child, depth + 1));
      row = (at[0]! + at[at.length - 1]!) / 2;
    }
    placed.push({ ...node, depth, row });
    return row;
  };
  for (const root of children.get(null) ?? []) walk(root, 0);
  return { placed, rows, depth: deepest };
}

/** The leaf that an end of the tree is: the two lists share no key but their figures. */
export function leafOf(node: TreeNode, leaves: Leaf[]): Leaf | undefined {
  return leaves.find((leaf) => leaf.people === node.people && Math.abs(leaf.rate - node.rate) < 1e-9);
}
