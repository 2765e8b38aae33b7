// Text for terminals that show ASCII only: each sign that we draw with becomes one of the same width that looks somewhat like it.

const substitutes: Readonly<Record<string, string>> = {
  "├": "|",
  "└": "`",
  "│": "|",
  "─": "-",
  "→": ">",
  "›": ">",
  "…": "~",
  "•": "*",
  "▁": ".",
  "▂": ":",
  "▃": "-",
  "▄": "=",
  "▅": "+",
  "▆": "*",
  "▇": "#",
  "█": "@",
};

/** Control characters stay; what is foreign, such as a letter of a file's name, is shown as `?`, a sign of a spinner as `*`. */
export function asciiOnly(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (sign) => substitutes[sign] ?? (/\p{So}/u.test(sign) ? "*" : "?"));
}
