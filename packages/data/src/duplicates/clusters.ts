/**
 * Clusters as a forest (union-find): `parent` holds for each item another item of its cluster, and for the smallest
 * item of a cluster that item itself.
 */

/** Returns the smallest item of a cluster, and shortens the path to it. */
export function rootOf(parent: Int32Array, item: number): number {
  let at = item;
  for (let up = parent[at] ?? at; up !== at; up = parent[at] ?? at) {
    const above = parent[up] ?? up;
    parent[at] = above;
    at = above;
  }
  return at;
}

/** Joins the clusters of two items. */
export function joinClusters(parent: Int32Array, a: number, b: number): void {
  const [rootA, rootB] = [rootOf(parent, a), rootOf(parent, b)];
  if (rootA < rootB) parent[rootB] = rootA;
  else parent[rootA] = rootB;
}
