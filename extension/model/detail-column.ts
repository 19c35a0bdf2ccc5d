/** Where the detail panel opens: in a group of its own beside the code, or where the user has left it among other editors. */

/** One of the editors' columns, from 1, and how many tabs there are in it: of detail panels, and others. */
export interface EditorGroup {
  readonly column: number;
  readonly details: number;
  readonly others: number;
}

/** Where the panel was last, and whether other editors were there too. */
export interface Left {
  readonly column: number;
  readonly shared: boolean;
}

/** VS Code's numbers for the column that is active, and the one to its right. */
export const active = -1;
export const beside = -2;
const most = 9;

export function columnFor(groups: readonly EditorGroup[], left: Left | undefined): number {
  // With nothing to stand beside, half of the window would be empty.
  if (groups.every(({ others }) => others === 0)) return active;
  const isThere = groups.some(({ column }) => column === left?.column);
  if (left?.shared && isThere) return left.column;
  const own = groups.find(({ others }) => others === 0);
  if (own !== undefined) return own.column;
  // Of several groups with code it takes one, until it is told otherwise: three columns are narrow.
  return left === undefined && groups.length > 1 ? beside : Math.min(groups.length + 1, most);
}

/** `came`: tabs of other editors that were just opened in the only group. Whether they cover a panel that was there alone. */
export function isCovered(groups: readonly EditorGroup[], left: Left | undefined, came: number): boolean {
  const [only, ...rest] = groups;
  if (only === undefined || rest.length > 0 || left?.shared) return false;
  return only.details > 0 && came > 0 && only.others === came;
}

/** What to remember of where it is; undefined where that says nothing, as it had no choice. `column`: where VS Code has it. */
export function leftIn(groups: readonly EditorGroup[], column: number | undefined): Left | undefined {
  const holding = groups.filter(({ details }) => details > 0);
  const group = holding.length === 1 ? holding[0] : holding.find((each) => each.column === column);
  if (group === undefined || (groups.length === 1 && group.others === 0)) return undefined;
  return { column: group.column, shared: group.others > 0 };
}
