/** Text in LaTeX. */

const SPECIAL: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from('{}#$%&_', (each) => [each, `\\${each}`])),
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '→': '$\\rightarrow$',
  '↔': '$\\leftrightarrow$',
  '×': '$\\times$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '–': '--',
  '“': '``',
  '”': "''",
  '’': "'",
};

/** Returns text in which LaTeX reads no character as a command. */
export function texText(text: string): string {
  return text.replace(/[\\{}#$%&_~^→↔×≤≥–“”’]/g, (each) => SPECIAL[each] ?? each);
}
