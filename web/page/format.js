/**
 * Numbers as people read them.
 */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A number of bytes with three digits or so, such as "1.25 MB". */
export function formatBytes(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A duration, such as "0.8 ms" or "2.4 s". */
export function formatDuration(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds >= 10 ? 0 : 1)} ms`;
}

/** The time of day with seconds. */
export function formatTime(date) {
  return date.toTimeString().slice(0, 8);
}
