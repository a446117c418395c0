/**
 * Takes an item out of a short list, most often the last. Where one comes and goes all the time a
 * list is cheaper than a `Set`, whose table is made anew whenever it becomes empty.
 */
export function removeFrom<T>(list: T[], item: T): void {
  if (list[list.length - 1] === item) {
    list.pop();
    return;
  }
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
