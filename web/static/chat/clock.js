/** Times as a messenger says them: 09:12 today, 昨天 09:12, 周一 09:12, 11月2日 09:12, and the year when it is another. */

import { config } from "./page.js";

const locale = config.language === "zh" ? "zh-CN" : "en-GB";
const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short" });
const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" });
const date = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** `at` is an ISO 8601 instant; shown in the browser's time zone. */
export function clock(at, now = new Date()) {
  const then = new Date(at);
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
  const daysAgo = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (daysAgo <= 0) return hour.format(then);
  return `${dayName(then, daysAgo, now)} ${hour.format(then)}`;
}

function dayName(then, daysAgo, now) {
  if (daysAgo === 1) return relative.format(-1, "day");
  if (daysAgo < 7) return weekday.format(then);
  return (then.getFullYear() === now.getFullYear() ? day : date).format(then);
}
