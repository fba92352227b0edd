/** Gives every wanted name, or the name with the first free number behind it: `w`, `w#2`, … */
export function uniqueNames(): (wanted: string) => string {
  /** Names that are taken, with the number of times they were wanted. */
  const taken = new Map<string, number>();
  return (wanted) => {
    let name = wanted;
    while (taken.has(name)) {
      const copy = taken.get(wanted)! + 1;
      taken.set(wanted, copy);
      name = `${wanted}#${copy}`;
    }
    taken.set(name, 1);
    return name;
  };
}
