// Numbers and texts as people read them.

/** `12,345`, of a whole number. By hand: the first number that the system's own formatting writes costs as much as a whole command. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");
}

/** `1.2 MB`, in thousands. */
export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `0.4 s`, `2 min 5 s`, `3 h 4 min` */
export function duration(valueMs: number): string {
  const seconds = valueMs / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment in milliseconds of the epoch: `2026-11-24 08:30:00 UTC` */
export function moment(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `1 event`, `2 events` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Text from outside, such as a file's name, as a terminal may have it: without control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "\ufffd");
}
