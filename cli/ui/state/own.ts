// Looks a name up that comes from a program or from elsewhere: `constructor` may be a stream, and is in every object.

export function own<T>(all: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
